import { attempt } from '../flag-values.ts';

/** Errors: `CommandError` for what is no range of addresses. */
export async function checkServiceRange(range: string): Promise<void> {
  const { parseAddressRange } = await import('@fairway/apiserver');
  attempt('--service-cluster-ip-range', () => parseAddressRange(range));
}
