import { formatQuantity } from '@fairway/protocol';

const nanosPerMilli = 1_000_000n;

/** `500m` for 500, `2` for 2000. */
export function formatMilli(milli: number): string {
  return formatQuantity({ nanos: BigInt(Math.ceil(milli)) * nanosPerMilli, format: 'DecimalSI' });
}
