import { formatQuantity, parseQuantity } from '@fairway/protocol';

const nanosPerMilli = 1_000_000n;

/** An amount in thousandths, rounded up; 0 for what is none. */
export function milliOf(quantity: string | number | undefined): number {
  const nanos = parseQuantity(String(quantity ?? '0'))?.nanos ?? 0n;
  const whole = nanos / nanosPerMilli;
  return Number(nanos > whole * nanosPerMilli ? whole + 1n : whole);
}

/** `500m` for 500, `2` for 2000. */
export function formatMilli(milli: number): string {
  return formatQuantity({ nanos: BigInt(Math.ceil(milli)) * nanosPerMilli, format: 'DecimalSI' });
}
