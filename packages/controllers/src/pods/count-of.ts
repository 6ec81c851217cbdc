/**
 * The number of pods that a field like `maxUnavailable` means: a number, or a percentage of a total;
 * undefined for what is neither, which the API refuses when it is written.
 *
 * Source: apimachinery, util/intstr, GetScaledValueFromIntOrPercent.
 */
export function countOf(
  amount: number | string,
  { total, rounding }: { readonly total: number; readonly rounding: 'up' | 'down' },
): number | undefined {
  if (typeof amount === 'number') return amount;
  const percent = /^([0-9]+)%$/.exec(amount)?.[1];
  if (percent === undefined) return undefined;
  const share = (Number(percent) * total) / 100;
  return rounding === 'up' ? Math.ceil(share) : Math.floor(share);
}
