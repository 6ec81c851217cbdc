import type { EndpointSubset } from '@fairway/kinds/core/v1';

/** Addresses that one Endpoints object holds. Source: Kubernetes, "Over-capacity endpoints". */
export const addressesMax = 1_000;

/**
 * Leaves out addresses beyond `addressesMax`: those that are not ready first, and of each subset in
 * proportion. Answers undefined where all fit.
 */
export function truncateSubsets(
  subsets: readonly EndpointSubset[],
): readonly EndpointSubset[] | undefined {
  const readyCount = countOf(subsets, 'addresses');
  const notReadyCount = countOf(subsets, 'notReadyAddresses');
  if (readyCount + notReadyCount <= addressesMax) return undefined;
  const areReadyCut = readyCount > addressesMax;
  const room = areReadyCut ? addressesMax : addressesMax - readyCount;
  const share = room / (areReadyCut ? readyCount : notReadyCount);
  let left = room;
  const kept = subsets.map(({ addresses = [], notReadyAddresses = [], ...rest }) => {
    const all = areReadyCut ? addresses : notReadyAddresses;
    const count = Math.min(left, Math.ceil(all.length * share));
    left -= count;
    const ready = areReadyCut ? addresses.slice(0, count) : addresses;
    const notReady = areReadyCut ? [] : notReadyAddresses.slice(0, count);
    return {
      ...(ready.length === 0 ? {} : { addresses: ready }),
      ...(notReady.length === 0 ? {} : { notReadyAddresses: notReady }),
      ...rest,
    };
  });
  return kept.filter((subset) => 'addresses' in subset || 'notReadyAddresses' in subset);
}

function countOf(
  subsets: readonly EndpointSubset[],
  field: 'addresses' | 'notReadyAddresses',
): number {
  return subsets.reduce((sum, subset) => sum + (subset[field]?.length ?? 0), 0);
}
