import {
  badRequest,
  checkQuantity,
  formatQuantity,
  parseQuantity,
  type Quantity,
} from '@fairway/protocol';

/**
 * Below zero when `left` is less than `right`: `500m` and `1`, `1Gi` and `1G`. Compared are the
 * amounts, not how they are written.
 * Source: API reference, Quantity.
 */
export function compareAmounts(left: string | number, right: string | number): number {
  if (left === right) return 0;
  const difference = quantityOf(left).nanos - quantityOf(right).nanos;
  return difference === 0n ? 0 : difference > 0n ? 1 : -1;
}

export function isNegativeAmount(amount: string | number): boolean {
  return String(amount).startsWith('-') && quantityOf(amount).nanos < 0n;
}

export function isPositiveAmount(amount: string | number): boolean {
  return plainAmount.test(String(amount)) || quantityOf(amount).nanos > 0n;
}

/** Most amounts, which need no reading to see that they are some. */
const plainAmount = /^[1-9]\d{0,8}(?:m|[kMGT]|[KMGT]i)?$/;

/** No fraction: whole pods, whole devices. */
export function isWholeAmount(amount: string | number): boolean {
  return quantityOf(amount).nanos % 1_000_000_000n === 0n;
}

/** Whether an amount is so many times a unit, once at least. */
export function isWholeMultiple(amount: string | number, unit: string): boolean {
  const whole = quantityOf(amount).nanos;
  const part = quantityOf(unit).nanos;
  return whole > 0n && part > 0n && whole % part === 0n;
}

/** Two amounts together, as messages write it. */
export function sumOfAmounts(left: string, right: string): string {
  const { nanos, ...form } = quantityOf(left);
  return formatQuantity({ ...form, nanos: nanos + quantityOf(right).nanos });
}

/** Whether an amount is reached from another one by steps of one size. */
export function isWholeSteps(
  amount: string,
  { from, step }: { readonly from: string; readonly step: string },
): boolean {
  return (quantityOf(amount).nanos - quantityOf(from).nanos) % quantityOf(step).nanos === 0n;
}

/** How many times a unit an amount is, as a fraction; infinite when the unit is nothing. */
export function shareOf(amount: string | number, unit: string | number): number {
  return Number(quantityOf(amount).nanos) / Number(quantityOf(unit).nanos);
}

/** An amount as messages write it: `0.5` is `500m`. */
export function canonicalAmount(amount: string | number): string {
  return formatQuantity(quantityOf(amount));
}

/** Text that is no quantity is a malformed request, not an invalid value. */
function quantityOf(amount: string | number): Quantity {
  const text = String(amount);
  const quantity = parseQuantity(text);
  if (quantity === undefined) throw badRequest(checkQuantity(text) ?? `not a quantity: ${text}`);
  return quantity;
}
