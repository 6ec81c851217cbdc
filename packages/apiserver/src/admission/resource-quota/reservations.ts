import type { Clock } from '@fairway/host';
import { type Usage, addUsage } from '@fairway/kind-rules/quotas';

/** A request that has taken something of a quota. */
export interface Reservation {
  readonly quota: QuotaName;
  readonly taken: Usage;
  /** What it was taken for is stored, or never will be. */
  readonly over: () => void;
  /** Nothing was taken after all. */
  readonly cancel: () => void;
}

/**
 * How long after a request the controller may not have seen what it stored. Less than half a second stays of the
 * second in which usage is to be right.
 */
export const unseenMs = 400;

/**
 * What was taken of quotas for objects that whoever counts them cannot know of yet: they are being stored, or were
 * stored a moment ago. Without it a count that comes meanwhile would give the same amount out twice.
 */
export class Reservations {
  readonly #clock: Clock;
  readonly #taken = new Map<string, Set<Usage>>();

  /** `clock` has timers of its own, which end with the server. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  reserve(quota: QuotaName, taken: Usage): Reservation {
    const key = keyOf(quota);
    const all = this.#taken.get(key) ?? new Set();
    this.#taken.set(key, all.add(taken));
    const cancel = (): void => {
      all.delete(taken);
      if (all.size === 0 && this.#taken.get(key) === all) this.#taken.delete(key);
    };
    return { quota, taken, cancel, over: () => void this.#clock.schedule(unseenMs, cancel) };
  }

  /** All that is reserved of a quota. */
  of(quota: QuotaName): Usage {
    const sum: Usage = new Map();
    for (const taken of this.#taken.get(keyOf(quota)) ?? []) {
      for (const [name, amount] of taken) addUsage(sum, name, amount);
    }
    return sum;
  }
}

export interface QuotaName {
  readonly namespace: string;
  readonly name: string;
}

function keyOf({ namespace, name }: QuotaName): string {
  return `${namespace}/${name}`;
}

/** What was reserved of each quota, by their names. */
export function paidBy(reservations: readonly Reservation[]): ReadonlyMap<string, Usage> {
  const paid = new Map<string, Usage>();
  for (const { quota, taken } of reservations) {
    const sum: Usage = paid.get(quota.name) ?? new Map();
    for (const [name, amount] of taken) addUsage(sum, name, amount);
    paid.set(quota.name, sum);
  }
  return paid;
}
