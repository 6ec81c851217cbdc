import { annotationsOf, forbidden, parseTruthValue } from '@fairway/protocol';
import type { Pod, ServiceAccount } from '@fairway/kinds/core/v1';

const annotation = 'kubernetes.io/enforce-mountable-secrets';

/**
 * Keeps a pod to the secrets that its account lists, when the account says so.
 *
 * Errors: Forbidden, with the first secret that the account does not list.
 * Source: Kubernetes admission, ServiceAccount.
 */
export function checkMountableSecrets(pod: Pod, account: ServiceAccount): void {
  if (parseTruthValue(annotationsOf(account)[annotation] ?? '') !== true) return;
  const why = firstUnlisted(pod, account);
  if (why === undefined) return;
  throw forbidden({ group: '', plural: 'pods', name: pod.metadata?.name ?? '' }, why);
}

function firstUnlisted({ spec }: Pod, account: ServiceAccount): string | undefined {
  const because = `is not allowed because service account ${account.metadata?.name} does not reference that`;
  const listed = new Set(account.secrets?.map(({ name }) => name));
  for (const { secret } of spec?.volumes ?? []) {
    if (!secret || listed.has(secret.secretName)) continue;
    return `volume with secret.secretName="${secret.secretName ?? ''}" ${because} secret`;
  }
  for (const [list, word] of [
    ['initContainers', 'init container'],
    ['containers', 'container'],
  ] as const) {
    for (const { name, env = [] } of spec?.[list] ?? []) {
      for (const { name: variable, valueFrom } of env) {
        const secret = valueFrom?.secretKeyRef?.name;
        if (!valueFrom?.secretKeyRef || listed.has(secret)) continue;
        return `${word} ${name} with envVar ${variable} referencing secret.secretName="${secret ?? ''}" ${because} secret`;
      }
    }
  }
  const pulled = new Set(account.imagePullSecrets?.map(({ name }) => name));
  for (const [index, { name }] of (spec?.imagePullSecrets ?? []).entries()) {
    if (pulled.has(name)) continue;
    return `imagePullSecrets[${index}].name="${name ?? ''}" ${because} imagePullSecret`;
  }
  return undefined;
}
