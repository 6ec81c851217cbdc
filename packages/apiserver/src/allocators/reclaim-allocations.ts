import { type Clock, type Logger, sleep } from '@fairway/host';
import type { IPAddress } from '@fairway/kinds/networking/v1';
import type { Service } from '@fairway/kinds/core/v1';
import { prefixRange, type Store, type StoreEntry } from '@fairway/store';
import { decodeStored } from '../storage/object-bytes.ts';
import { resourcePrefix } from '../storage/storage-key.ts';
import { parseAddressRange } from './address-range.ts';
import { addressPrefix, heldKeys, managedBy, portPrefix } from './service-allocator.ts';

/** Longer than a write takes between its allocation and its service. */
const writeMsMax = 60_000;

/**
 * Gives back what a server reserved and then ended before it wrote the service, or after it removed
 * one. Looks twice, so that what another server is about to use stays reserved.
 */
export async function reclaimAllocations(parts: {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly serviceClusterIpRange: string;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { store, clock, logger, signal } = parts;
  try {
    const before = await unheldAllocations(parts);
    if (before.size === 0) return;
    await sleep(clock, writeMsMax, signal);
    for (const [key, { revision }] of await unheldAllocations(parts)) {
      if (before.get(key)?.revision === revision) await store.delete(key, revision);
    }
  } catch (error) {
    if (signal.aborted) return;
    logger.warn('allocations that nothing uses could not be given back', { error });
  }
}

async function unheldAllocations({
  store,
  serviceClusterIpRange,
}: {
  readonly store: Store;
  readonly serviceClusterIpRange: string;
}): Promise<ReadonlyMap<string, StoreEntry>> {
  const range = parseAddressRange(serviceClusterIpRange);
  // Services last: one that is written in between holds what was reserved for it.
  const addresses = await store.list(prefixRange(addressPrefix));
  const ports = await store.list(prefixRange(portPrefix));
  const services = await store.list(prefixRange(resourcePrefix({ group: '', plural: 'services' })));
  const held = new Set(
    services.entries.flatMap(({ value }) => heldKeys(range, decodeStored(value) as Service)),
  );
  const reserved = [...addresses.entries.filter(isAllocation), ...ports.entries];
  return new Map(
    reserved.filter(({ key }) => !held.has(key)).map((entry) => [entry.key, entry] as const),
  );
}

/** Addresses may also be objects that somebody wrote by hand. */
function isAllocation({ value }: StoreEntry): boolean {
  const { metadata, spec } = decodeStored(value) as IPAddress;
  return (
    metadata?.labels?.[managedBy.label] === managedBy.value &&
    spec?.parentRef?.resource === 'services'
  );
}
