import { PersistentVolumeClaim, Pod, ResourceQuota, Service } from '@fairway/kinds/core/v1';
import { type KnownUsages, followedResources, quotaUsage } from '@fairway/kind-rules/quotas';
import { type KubernetesObject, equalsJson, formatQuantity } from '@fairway/protocol';
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

/** All is counted again after this long, even without a change. */
const recountMs = 300_000;
/** What changes together is counted together. */
const gatherMs = 100;
/** What an API server keeps for objects that nobody has seen yet is free again after less than this long. */
const askAgainMs = 450;

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
  const usages: KnownUsages = new WeakMap();
  return { run };

  async function run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const ending = new AbortController();
    const own = AbortSignal.any([signal, ending.signal]);
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
        { ...informerSource(quotas, () => []), start: (add) => followQuotas((enqueue = add)) },
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

  /** A burst of requests writes a quota many times. */
  function followQuotas(add: Parameters<ReconcileSource['start']>[0]): () => void {
    return quotas.subscribe(({ type, object }) => {
      add(keyOf(object), type === 'updated' ? gatherMs : 0);
    });
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
      deviceClaims: () => counts.deviceClaims(namespace),
      count: (resource: string) => counts.count(resource, namespace),
    };
    const usage = await quotaUsage(quota, content, { nowMs: clock.now(), known: usages });
    const used = Object.fromEntries(
      [...usage].map(([each, amount]) => [each, formatQuantity(amount)]),
    );
    const status = { hard: { ...quota.spec?.hard }, used };
    const reached = (written: KubernetesObject): Promise<void> =>
      quotas.reached(written, { signal });
    const writer = { client, reached, signal };
    const written = await writeStatus<ResourceQuota>(writer, ResourceQuota, {
      object: quota,
      status,
    });
    // The server knows of objects that are just being stored, and keeps what they take.
    if (written !== undefined && !equalsJson(written.status?.used ?? {}, used)) {
      return requeueAfter(askAgainMs);
    }
    return requeueAfter(recountMs * (0.9 + random.fraction() * 0.2));
  }
}

function resourcesOf({ spec }: { readonly spec?: ResourceQuota['spec'] }): readonly string[] {
  return followedResources(Object.keys(spec?.hard ?? {}));
}
