import { CommandError } from '../command-error.ts';

/** Errors: `CommandError` for what is no range of addresses. */
export async function checkServiceRange(range: string): Promise<void> {
  const { parseAddressRange } = await import('@fairway/apiserver');
  try {
    parseAddressRange(range);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new CommandError(`cannot use --service-cluster-ip-range: ${cause.message}`, { cause });
  }
}
