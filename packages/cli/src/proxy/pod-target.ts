import type { ClusterTarget } from '@fairway/client';
import { KubeconfigError, inClusterTarget } from '@fairway/client/kubeconfig';
import type { Host } from '@fairway/host';
import { CommandError } from '../command-error.ts';

/**
 * The cluster of the pod that this runs in, as its service account, whose token is read again as it is renewed.
 *
 * Errors: `CommandError`, which says what a pod has and this place has not.
 */
export async function podTarget(host: Host): Promise<ClusterTarget> {
  try {
    return await inClusterTarget(host);
  } catch (error) {
    if (!(error instanceof KubeconfigError)) throw error;
    throw new CommandError(`cannot be the ambassador of a pod here: ${lackOf(host, error)}`, {
      cause: error,
    });
  }
}

function lackOf({ environment }: Host, { problem, issues, message }: KubeconfigError): string {
  if (problem === 'absent') {
    const unset = ['KUBERNETES_SERVICE_HOST', 'KUBERNETES_SERVICE_PORT'].filter(
      (name) => !environment.variables[name],
    );
    return `${unset.join(' and ')} ${unset.length === 1 ? 'is' : 'are'} not set, as in every pod; outside of one use \`fairway proxy\`, or try it with \`fairway run -- fairway ambassador\``;
  }
  const isToken = issues.some(({ field }) => field.endsWith('.tokenFile'));
  return isToken
    ? `${issues.map(({ detail }) => detail).join(', ')}; does the pod, or its service account, say automountServiceAccountToken: false?`
    : message;
}
