import type { Client } from '@fairway/client';
import type { Clock, Logger, Random } from '@fairway/host';
import { Service } from '@fairway/kinds/core/v1';
import { EndpointSlice } from '@fairway/kinds/discovery/v1';
import { Ingress } from '@fairway/kinds/networking/v1';
import {
  type DeepReadonly,
  type JsonValue,
  type KubernetesObject,
  equalsJson,
} from '@fairway/protocol';
import {
  type EventRecorder,
  type Informers,
  type ReconcileSource,
  formatKey,
  inNamespace,
  informerSource,
  keyOf,
  leanInformer,
  runReconcileLoop,
  unlessOutdated,
} from '@fairway/reconcile';
import type { FindBackends } from './find-backends.ts';
import type { FollowedIngresses } from './follow-ingresses.ts';
import { rulesOf, unusedParts } from './ingress-rules.ts';
import type { ReachedAddresses } from './reached-addresses.ts';

export interface IngressStatusParts {
  /** May write the status of ingresses. */
  readonly client: Client;
  readonly informers: Informers;
  readonly followed: FollowedIngresses;
  readonly findBackends: FindBackends;
  readonly reached: ReachedAddresses;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** Says in each ingress where it is reached, and in events what of it does not work; until the signal aborts. */
export async function keepIngressStatus(
  parts: IngressStatusParts,
  signal: AbortSignal,
): Promise<void> {
  const { informers, followed, clock, random, logger, client, recorder } = parts;
  const { ingresses, classes, secrets } = followed;
  const services = leanInformer(informers, Service);
  const slices = leanInformer(informers, EndpointSlice);
  const beside = ({ object }: { readonly object: DeepReadonly<KubernetesObject> }): string[] =>
    inNamespace(ingresses, object.metadata?.namespace).map(keyOf);
  const told = new Map<string, string>();
  await runReconcileLoop(
    {
      name: 'ingress-status',
      clock,
      random,
      logger,
      sources: [
        informerSource(ingresses, ({ object }) => [keyOf(object)]),
        informerSource(classes, () => [...ingresses.keys()]),
        informerSource(services, beside),
        informerSource(slices, beside),
        informerSource(secrets, beside),
        addressSource(parts, ingresses.ended),
      ],
      async reconcile(key) {
        const ingress = ingresses.get(key);
        if (ingress === undefined || !followed.isServed(ingress)) return void told.delete(key);
        await writeAddresses(client, ingress, parts.reached.now);
        const problems = await problemsOf(ingress, parts);
        const message = problems.join('; ');
        // Each state once: it is in the log of every request as well.
        if (message !== '' && told.get(key) !== message) {
          recorder.record(Ingress, ingress, { type: 'Warning', reason: 'NotServed', message });
        }
        told.set(key, message);
      },
    },
    signal,
  );
}

function addressSource(
  { followed: { ingresses }, reached }: IngressStatusParts,
  ended: Promise<void>,
): ReconcileSource {
  return {
    name: 'addresses',
    start: (enqueue) =>
      reached.subscribe(() => {
        for (const key of ingresses.keys()) enqueue(key);
      }),
    synced: Promise.resolve(),
    ended,
  };
}

async function writeAddresses(
  client: Client,
  ingress: DeepReadonly<Ingress>,
  addresses: readonly string[],
): Promise<void> {
  const { name = '', namespace = '' } = ingress.metadata ?? {};
  const loadBalancer = addresses.length === 0 ? {} : { ingress: addresses.map((ip) => ({ ip })) };
  if (equalsJson((ingress.status?.loadBalancer ?? {}) as JsonValue, loadBalancer as JsonValue)) {
    return;
  }
  const part = client.subresource<Ingress>(Ingress, name, 'status', { namespace });
  const status = { ...ingress.status, loadBalancer };
  await unlessOutdated(part.replace({ ...ingress, status } as Ingress));
}

/** What of an ingress does not work, in words for its owner. */
async function problemsOf(
  ingress: DeepReadonly<Ingress>,
  { findBackends, followed }: IngressStatusParts,
): Promise<readonly string[]> {
  const { paths, fallback } = rulesOf(ingress);
  const routes = [...paths.map(({ route }) => route), ...(fallback ? [fallback] : [])];
  const choices = await Promise.all(routes.map(async (route) => findBackends(route)));
  const backends = choices.flatMap((choice) =>
    choice.kind === 'none' && !choice.isPassing ? [choice.why] : [],
  );
  const namespace = ingress.metadata?.namespace ?? '';
  const secrets = (ingress.spec?.tls ?? []).flatMap(({ secretName: name = '' }) => {
    if (name === '') return [];
    const found = followed.certificateOf(formatKey({ namespace, name }));
    return found.kind === 'none' ? [found.why] : [];
  });
  return [...new Set([...unusedParts(ingress), ...backends, ...secrets])];
}
