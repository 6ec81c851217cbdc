import { attempt } from '../flag-values.ts';

/** Where a cluster finds addresses for services when its user does not say. */
export const defaultServiceRange = '10.0.0.0/24';

/** Errors: `CommandError` for what is no range of addresses. */
export async function checkServiceRange(range: string): Promise<void> {
  // What checks a range is a part of the server, which takes long to load.
  if (range === defaultServiceRange) return;
  const { parseAddressRange } = await import('@fairway/apiserver');
  attempt('--service-cluster-ip-range', () => parseAddressRange(range));
}
