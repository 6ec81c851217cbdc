import type { ResourceAmounts } from '@fairway/kind-rules/pods';
import type { Quantity } from '@fairway/protocol';
import { addCount } from './counts.ts';

/**
 * Amounts of resources as numbers, for sums that are made a thousand times a second.
 *
 * Unit: CPU in thousandths of a core, memory and storage in bytes, all else in whole units; rounded up.
 */
export interface Amounts {
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  readonly ephemeralStorageBytes: number;
  /** Huge pages and extended resources by their names; only what is more than nothing. */
  readonly others: ReadonlyMap<string, number>;
}

/** Amounts that a node counts as pods come and go. */
export class AmountSum implements Amounts {
  cpuMilli = 0;
  memoryBytes = 0;
  ephemeralStorageBytes = 0;
  readonly others = new Map<string, number>();

  /** `times`: 1 adds, -1 takes away. */
  add(amounts: Amounts, times: 1 | -1): void {
    this.cpuMilli += times * amounts.cpuMilli;
    this.memoryBytes += times * amounts.memoryBytes;
    this.ephemeralStorageBytes += times * amounts.ephemeralStorageBytes;
    for (const [name, amount] of amounts.others) addCount(this.others, name, times * amount);
  }
}

/** An amount of one resource, by its name. */
export function amountOf(amounts: Amounts, resource: string): number {
  switch (resource) {
    case 'cpu':
      return amounts.cpuMilli;
    case 'memory':
      return amounts.memoryBytes;
    case 'ephemeral-storage':
      return amounts.ephemeralStorageBytes;
    default:
      return amounts.others.get(resource) ?? 0;
  }
}

export function areSameAmounts(one: Amounts, other: Amounts): boolean {
  if (one.others.size !== other.others.size) return false;
  for (const [name, amount] of one.others) if (other.others.get(name) !== amount) return false;
  return (
    one.cpuMilli === other.cpuMilli &&
    one.memoryBytes === other.memoryBytes &&
    one.ephemeralStorageBytes === other.ephemeralStorageBytes
  );
}

export function amountsOf(resources: ResourceAmounts): Amounts {
  const others = new Map<string, number>();
  for (const [name, quantity] of resources) {
    if (ownFields.has(name)) continue;
    const amount = unitsOf(quantity, oneNanos);
    if (amount > 0) others.set(name, amount);
  }
  const bytes = (name: string): number => unitsOf(resources.get(name), oneNanos);
  return {
    cpuMilli: unitsOf(resources.get('cpu'), milliNanos),
    memoryBytes: bytes('memory'),
    ephemeralStorageBytes: bytes('ephemeral-storage'),
    others,
  };
}

const ownFields = new Set(['cpu', 'memory', 'ephemeral-storage']);
const oneNanos = 1_000_000_000n;
const milliNanos = 1_000_000n;

function unitsOf(quantity: Quantity | undefined, unitNanos: bigint): number {
  if (quantity === undefined) return 0;
  return Number((quantity.nanos + unitNanos - 1n) / unitNanos);
}
