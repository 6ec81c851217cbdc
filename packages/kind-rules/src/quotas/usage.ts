import { type Quantity, addQuantities, parseQuantity } from '@fairway/protocol';

/** Amounts by the names that quotas have for them: `pods`, `requests.cpu`, `count/secrets`. */
export type Usage = Map<string, Quantity>;

export function countedOf(count: number): Quantity {
  return { nanos: BigInt(count) * 1_000_000_000n, format: 'DecimalSI' };
}

export const none = countedOf(0);
export const one = countedOf(1);

/** Adds an amount to those of the same name. None takes the form of what it is added to. */
export function addUsage(usage: Usage, name: string, amount: Quantity): void {
  const known = usage.get(name);
  usage.set(
    name,
    known === undefined || known.nanos === 0n ? amount : addQuantities(known, amount),
  );
}

export function addAll(usage: Usage, more: ReadonlyMap<string, Quantity>): void {
  for (const [name, amount] of more) addUsage(usage, name, amount);
}

export function readAmount(text: unknown): Quantity {
  return (text === undefined ? undefined : parseQuantity(String(text))) ?? none;
}
