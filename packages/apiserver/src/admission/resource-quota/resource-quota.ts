import type { Clock } from '@fairway/host';
import type { ResourceQuota } from '@fairway/kinds/core/v1';
import { type Usage, evaluatorOf, readAmount } from '@fairway/kind-rules/quotas';
import {
  type KubernetesObject,
  type ObjectDraft,
  addQuantities,
  compareQuantities,
  formatQuantity,
  groupResourceOf,
} from '@fairway/protocol';
import type { Store } from '@fairway/store';
import type { ClusterReader } from '../../reads/cluster-reader.ts';
import type { ResourceRegistry } from '../../registry/resource-registry.ts';
import { encodeForStore } from '../../storage/object-bytes.ts';
import { storageKey } from '../../storage/storage-key.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission-plugin.ts';
import type { NamespaceLimits } from '../namespace-limits.ts';
import type { LimitedResource } from './limited-resources.ts';
import { QuotaAccounts, type QuotaStore } from './quota-accounts.ts';
import { type Reservation, Reservations } from './reservations.ts';

export interface ResourceQuotaParts {
  readonly cluster: ClusterReader;
  readonly limits: NamespaceLimits;
  readonly store: Store;
  readonly registry: ResourceRegistry;
  /** Its timers end with the server. */
  readonly timers: Clock;
}

/**
 * Charges what is written to the quotas of its namespace, before it is stored, and refuses what they do not
 * allow. What is deleted, ends or was never stored is given back by the controller of quotas, which counts
 * what there is.
 *
 * Source: Kubernetes admission, ResourceQuota.
 */
export function resourceQuota(
  parts: ResourceQuotaParts,
  limitedResources: readonly LimitedResource[] = [],
): AdmissionPlugin {
  const { limits, timers } = parts;
  const reservations = new Reservations(timers);
  const quotas = quotaStore(parts);
  const accounts = new QuotaAccounts(quotas, reservations);
  const tries = new WeakMap<object, readonly Reservation[]>();
  const limitedOf = ({ resource }: AdmissionRequest): readonly LimitedResource[] =>
    limitedResources.filter(
      ({ group, plural }) => group === resource.group && plural === resource.plural,
    );
  const charge = async (
    request: AdmissionRequest,
    object: KubernetesObject,
    limited: readonly LimitedResource[],
  ): Promise<void> => {
    const { resource, namespace, name, stored, options, origin = {} } = request;
    const earlier = tries.get(origin) ?? [];
    const reserved = await accounts.charge(namespace, {
      charge: {
        evaluator: evaluatorOf(groupResourceOf(resource)),
        object,
        ...(stored && { stored }),
        nowMs: timers.now(),
        limited,
      },
      earlier,
      subject: { ...resource, name },
      isDryRun: options.dryRun !== undefined,
    });
    tries.set(origin, [...earlier, ...reserved]);
    const over = (): void => reserved.forEach((each) => each.over());
    if (request.whenOver === undefined) over();
    else request.whenOver(over);
  };
  return {
    name: 'ResourceQuota',
    operations: ['CREATE', 'UPDATE'],
    admit(request) {
      const { draft, stored, namespace, name } = request;
      if (!isCount(request) || draft === undefined || stored === undefined) return undefined;
      keepReserved(draft, stored, reservations.of({ namespace, name }));
      return undefined;
    },
    validate(request) {
      const { object, namespace } = request;
      if (object === undefined || !isCounted(request)) return undefined;
      const limited = limitedOf(request);
      const isFree = limited.length === 0 && !limits.hasQuotas(namespace);
      return isFree ? undefined : charge(request, object, limited);
    },
  };
}

function isCounted({ operation, resource, subresource }: AdmissionRequest): boolean {
  if (!resource.isNamespaced) return false;
  if (operation === 'CREATE') return subresource === '';
  const name = groupResourceOf(resource);
  if (name === 'pods') return subresource === 'resize';
  return subresource === '' && evaluatorOf(name).countsUpdates === true;
}

/** Whether somebody says how much of a quota is used. */
function isCount({ operation, resource, subresource }: AdmissionRequest): boolean {
  if (operation !== 'UPDATE' || subresource !== 'status') return false;
  return groupResourceOf(resource) === 'resourcequotas';
}

/** A count does not give away what is reserved for objects that it cannot hold yet. */
function keepReserved(
  draft: ObjectDraft<ResourceQuota>,
  stored: ResourceQuota,
  reserved: Usage,
): void {
  const used = draft.status?.used;
  if (used === undefined) return;
  for (const [name, amount] of reserved) {
    if (used[name] === undefined) continue;
    const counted = readAmount(used[name]);
    const before = readAmount(stored.status?.used?.[name]);
    const atMost = addQuantities(counted, amount);
    const kept = compareQuantities(before, atMost) < 0 ? before : atMost;
    if (compareQuantities(kept, counted) > 0) used[name] = formatQuantity(kept);
  }
}

function quotaStore({ cluster, store, registry }: ResourceQuotaParts): QuotaStore {
  return {
    read: (namespace) => cluster.allStored<ResourceQuota>('', 'resourcequotas', namespace),
    async write({ object, revision }, usage) {
      const resource = registry.builtInResource('', 'resourcequotas');
      const { namespace = '', name = '' } = object.metadata ?? {};
      const amounts = [...usage].map(([each, amount]) => [each, formatQuantity(amount)]);
      const used = Object.fromEntries(amounts) as Readonly<Record<string, string>>;
      const written: ResourceQuota & KubernetesObject = {
        ...object,
        status: { ...object.status, used },
      };
      const key = storageKey(resource, namespace, name);
      const bytes = encodeForStore(written);
      return (await store.update(key, bytes, revision, resource.storage)).kind === 'updated';
    },
  };
}
