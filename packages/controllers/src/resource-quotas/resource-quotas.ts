import { PersistentVolumeClaim, Pod, ResourceQuota, Service } from '@fairway/kinds/core/v1';
import { type KubernetesObject, formatQuantity } from '@fairway/protocol';
import {
  type Controller,
  type Informer,
  type ReconcileLoopOptions,
  type ReconcileSource,
  type Requeue,
  inNamespace,
  informerSource,
  isBeingDeleted,
  keyOf,
  requeueAfter,
  runReconcileLoop,
} from '@fairway/reconcile';
import { sharedInformer } from '../caches/shared-informer.ts';
import type { ControllerParts } from '../controller-parts.ts';
import { writeStatus } from '../write-status.ts';
import { ObjectCounts } from './object-counts.ts';
import { objectCounts, quotaUsage } from './quota-usage.ts';

/** All is counted again after this long, even without a change. */
const recountMs = 300_000;
/** What changes together is counted together. */
const gatherMs = 100;

/**
 * Counts what is used of each ResourceQuota.
 *
 * Which resources it follows depends on what quotas name, so it is made of the loop that `createController` is made
 * of.
 */
export function resourceQuotas(parts: ControllerParts): Controller {
  const { name, client, informers, resources, logger } = parts;
  const { clock, random } = client;
  const quotas = sharedInformer(informers, ResourceQuota);
  const pods = sharedInformer(informers, Pod);
  const services = sharedInformer(informers, Service);
  const claims = sharedInformer(informers, PersistentVolumeClaim);
  return { run };

  async function run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const ending = new AbortController();
    const own = AbortSignal.any([signal, ending.signal]);
    const ownChanges = informerSource(quotas, ({ object }) => [keyOf(object)]);
    let enqueue: Parameters<ReconcileSource['start']>[0] = () => {};
    const onChange = (namespace: string): void => {
      for (const quota of inNamespace(quotas, namespace)) enqueue(keyOf(quota), gatherMs);
    };
    const counts = new ObjectCounts({ client, resources, logger, onChange, signal: own });
    const changesOf = <T extends KubernetesObject>(informer: Informer<T>): ReconcileSource => ({
      ...informerSource(informer, () => []),
      start: () => informer.subscribe(({ object }) => onChange(object.metadata?.namespace ?? '')),
    });
    const options: ReconcileLoopOptions = {
      name,
      clock,
      random,
      logger,
      concurrency: 5,
      sources: [
        { ...ownChanges, start: (add) => ownChanges.start((enqueue = add)) },
        changesOf(pods),
        changesOf(services),
        changesOf(claims),
      ],
      reconcile: (key: string, stop: AbortSignal) => reconcile(counts, key, stop),
    };
    // What was not served before may be counted now.
    const forget = resources.subscribe(() => {
      for (const quota of quotas.objects()) {
        if (resourcesOf(quota).length > 0) enqueue(keyOf(quota), gatherMs);
      }
    });
    try {
      await runReconcileLoop(options, signal);
    } finally {
      forget();
      ending.abort();
    }
  }

  async function reconcile(
    counts: ObjectCounts,
    key: string,
    signal: AbortSignal,
  ): Promise<Requeue | undefined> {
    counts.keepOnly(new Set([...quotas.objects()].flatMap((quota) => resourcesOf(quota))));
    const quota = quotas.get(key);
    if (quota === undefined || isBeingDeleted(quota)) return undefined;
    const namespace = quota.metadata?.namespace ?? '';
    const content = {
      pods: () => inNamespace(pods, namespace),
      services: () => inNamespace(services, namespace),
      claims: () => inNamespace(claims, namespace),
      count: (resource: string) => counts.count(resource, namespace),
    };
    const usage = await quotaUsage(quota, content, clock.now());
    const used = Object.fromEntries(
      [...usage].map(([each, amount]) => [each, formatQuantity(amount)]),
    );
    const status = { hard: { ...quota.spec?.hard }, used };
    const reached = (written: KubernetesObject): Promise<void> =>
      quotas.reached(written, { signal });
    const writer = { client, reached, signal };
    await writeStatus<ResourceQuota>(writer, ResourceQuota, { object: quota, status });
    return requeueAfter(recountMs * (0.9 + random.fraction() * 0.2));
  }
}

function resourcesOf({ spec }: { readonly spec?: ResourceQuota['spec'] }): readonly string[] {
  return objectCounts(Object.keys(spec?.hard ?? {})).map(([, resource]) => resource);
}
