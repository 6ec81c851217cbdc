import type { Client } from '@fairway/client';
import { ConfigMap, Pod, Secret, ServiceAccount } from '@fairway/kinds/core/v1';
import { annotationsOf, parseTime } from '@fairway/protocol';
import {
  type Controller,
  type Informers,
  formatKey,
  requeueAfter,
  unlessAnother,
  deleteUnlessOutdated,
} from '@fairway/reconcile';
import { sharedController } from '../caches/shared-controller.ts';
import { sharedInformer } from '../caches/shared-informer.ts';
import type { ControllerParts } from '../controller-parts.ts';
import {
  accountKeyOf,
  accountNameKey,
  isFor,
  isReferenced,
  secretNamesOf,
  tokenSecrets,
} from './token-secrets.ts';

const lastUsedLabel = 'kubernetes.io/legacy-token-last-used';
const invalidSinceLabel = 'kubernetes.io/legacy-token-invalid-since';
const tracking = {
  name: 'kube-apiserver-legacy-service-account-token-tracking',
  namespace: 'kube-system',
} as const;

const dayMs = 24 * 3_600_000;
/** So long a token may lie unused before it is refused, and refused before it is deleted. */
const unusedMs = 365 * dayMs;

/**
 * Refuses the tokens of accounts' own secrets that nobody has used for a year and no pod mounts, and
 * deletes them another year later. Secrets that users made stay. Source: KEP-2799, and
 * kube-controller-manager, legacy-serviceaccount-token-cleaner.
 */
export function cleanTokenSecrets(parts: ControllerParts): Controller {
  const { client, informers } = parts;
  const accounts = sharedInformer(informers, ServiceAccount);
  return sharedController(parts, Secret, {
    ...tokenSecrets,
    async reconcile({ object: secret, signal }) {
      if (secret === undefined) return undefined;
      const account = accounts.get(accountKeyOf(secret));
      if (await isDisused(secret, account)) await retire(client, secret, signal);
      return requeueAfter(dayMs);
    },
  });

  async function isDisused(secret: Secret, account: ServiceAccount | undefined): Promise<boolean> {
    const { name: secretName = '', namespace = '', creationTimestamp } = secret.metadata ?? {};
    const nowMs = client.clock.now();
    const createdMs = parseTime(creationTimestamp ?? '') ?? Infinity;
    if (createdMs >= nowMs - unusedMs) return false;
    const usedOn = secret.metadata?.labels?.[lastUsedLabel];
    if (usedOn !== undefined && (!isDay(usedOn) || usedOn >= dayOf(nowMs - unusedMs))) return false;
    if (!annotationsOf(secret)[accountNameKey] || account === undefined) return false;
    // An account lists those that were made for it.
    if (!isFor(secret, account) || !isReferenced(account, secretName)) return false;
    const since = await trackedSince(client);
    if (since === undefined || nowMs < since + dayMs + unusedMs) return false;
    return !(await isMounted(informers, { namespace, name: secretName }));
  }
}

async function retire(client: Client, secret: Secret, signal: AbortSignal): Promise<void> {
  const { name = '', namespace = '', uid = '' } = secret.metadata ?? {};
  const nowMs = client.clock.now();
  const invalidSince = secret.metadata?.labels?.[invalidSinceLabel] ?? '';
  // It may have been used or deleted meanwhile.
  if (!isDay(invalidSince)) {
    const merge = { metadata: { uid, labels: { [invalidSinceLabel]: dayOf(nowMs) } } };
    await unlessAnother(client.patch(Secret, name, { merge }, { namespace, signal }));
  } else if (invalidSince < dayOf(nowMs - unusedMs)) {
    await deleteUnlessOutdated(client, Secret, secret, { ifUnchanged: true, signal });
  }
}

/** Since when the API server notes uses, in milliseconds; undefined when nobody can tell. */
async function trackedSince(client: Client): Promise<number | undefined> {
  const map = await client.find(ConfigMap, tracking.name, { namespace: tracking.namespace });
  const since = map?.data?.['since'] ?? '';
  return isDay(since) ? Date.parse(since) : undefined;
}

/** Pods are followed from the first time that somebody asks. */
async function isMounted(
  informers: Informers,
  secret: { readonly namespace: string; readonly name: string },
): Promise<boolean> {
  const index = { secret: mountsOf };
  const pods = informers.of(Pod, { allNamespaces: true, keep: onlySecrets, index });
  await pods.synced;
  return pods.by('secret', formatKey(secret)).length > 0;
}

const mountsKey = 'secrets';

/** Of a pod, which secrets it names. */
function onlySecrets(pod: Pod): Pod {
  const { name, namespace, uid, resourceVersion } = pod.metadata ?? {};
  const annotations = { [mountsKey]: secretNamesOf(pod).join(' ') };
  return { metadata: { name, namespace, uid, resourceVersion, annotations } } as Pod;
}

function mountsOf(pod: Pod): readonly string[] {
  const { namespace = '' } = pod.metadata ?? {};
  const names = (annotationsOf(pod)[mountsKey] ?? '').split(' ');
  return names.map((name) => formatKey({ namespace, name }));
}

function isDay(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
