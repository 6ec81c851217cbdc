import { publicKeyPin } from '@fairway/certificates';
import { type Client, isNotFound } from '@fairway/client';
import { clusterInfoKey, clusterInfoPlace } from '@fairway/kind-rules/nodes';
import { ConfigMap } from '@fairway/kinds/core/v1';
import { parseClusterInfo } from '@fairway/node-agent';
import { plainHost } from '@fairway/protocol';
import { isLoopback } from '../cluster/server-names.ts';
import { CommandError } from '../command-error.ts';

/** What a machine that is to join a cluster has to run, after the name of the program. */
export interface JoinCommand {
  readonly words: readonly string[];
  /** Why it may not lead there. */
  readonly warning?: string;
}

/** Errors: `CommandError` where the cluster does not say how to join it. */
export async function joinCommand(
  client: Pick<Client, 'get'>,
  token: string,
  signal: AbortSignal,
): Promise<JoinCommand> {
  const { namespace, name } = clusterInfoPlace;
  const kubeconfig = await client
    .get(ConfigMap, name, { namespace, signal })
    .then(({ data }) => data?.[clusterInfoKey])
    .catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  if (kubeconfig === undefined) {
    const why = `it has no config map ${namespace}/${name}`;
    throw new CommandError(
      `the token was made, but the cluster does not say how to join it: ${why}`,
    );
  }
  const { server, authorities } = await parseClusterInfo(kubeconfig);
  const host = plainHost(new URL(server).hostname);
  const remedy = '`fairway up --listen 0.0.0.0:6443` is reached from others, too';
  return {
    words: [
      'node',
      '--join',
      server,
      '--token',
      token,
      ...authorities.flatMap((each) => ['--discovery-token-ca-cert-hash', publicKeyPin(each)]),
    ],
    ...(isLoopback(host) ? { warning: `only this machine reaches ${server}; ${remedy}` } : {}),
  };
}
