import assert from 'node:assert/strict';
import type { Item } from './match-world.ts';
import type { Story } from './story.ts';
import { type Bindings, fillIn } from './unify.ts';

/** Where ours is knowingly another way than what was recorded. */
export interface Gap {
  readonly story: string;
  /** The reason. A row with no more than this is of the whole story: a part of it is not built. */
  readonly why: string;
  /** The whole step; the story goes on as if it had come about. */
  readonly step?: number;
  /** An object by kind and recorded name, `Pod/web-<hash>-<suffix>`. */
  readonly object?: string;
  /** A field of that object; the whole object when absent. */
  readonly field?: readonly string[];
  /** Events by their reason. */
  readonly event?: string;
}

/** The gaps of one story, and which of them were seen. */
export class GapList {
  readonly #gaps: readonly Gap[];
  readonly #seen = new Set<Gap>();

  constructor({ name }: Story, gaps: readonly Gap[]) {
    this.#gaps = gaps.filter(({ story }) => story === name);
  }

  /** Whether a step is known to come out otherwise. */
  has(at: number): boolean {
    return this.#gaps.some((gap) => isOf(gap, at));
  }

  isKnown(at: number, isDifferent: boolean): boolean {
    const gap = this.#gaps.find((each) => isOf(each, at));
    if (gap !== undefined && isDifferent) this.#seen.add(gap);
    return gap !== undefined;
  }

  /** Both sides without what is known to differ. */
  withoutKnown(
    expected: readonly Item[],
    found: readonly Item[],
    bindings: Bindings,
  ): [expected: readonly Item[], found: readonly Item[]] {
    let sides: [readonly Item[], readonly Item[]] = [expected, found];
    for (const gap of this.#gaps) {
      const [wanted, given] = sides.map((items) => leaveOut(items, gap, bindings));
      if (wanted === undefined || given === undefined) continue;
      const left = (items: readonly Item[], rest: readonly Item[]): string =>
        JSON.stringify(items.filter((each) => !rest.includes(each)).map((each) => held(each, gap)));
      if (left(sides[0], wanted) !== left(sides[1], given)) this.#seen.add(gap);
      sides = [wanted, given];
    }
    return sides;
  }

  assertAllNeeded(): void {
    const closed = this.#gaps.filter((gap) => !this.#seen.has(gap));
    assert.deepEqual(closed, [], 'no gaps any more');
  }
}

function isOf({ step, object, event }: Gap, at: number): boolean {
  return step === at || [step, object, event].every((each) => each === undefined);
}

function leaveOut(items: readonly Item[], gap: Gap, bindings: Bindings): readonly Item[] {
  return items.flatMap((item) => {
    if (gap.event !== undefined) {
      const { reason } = item.value as { readonly reason?: string };
      return item.class === 'Event' && reason === gap.event ? [] : [item];
    }
    if (gap.object === undefined || fillIn(item.title, bindings) !== fillIn(gap.object, bindings)) {
      return [item];
    }
    if (gap.field === undefined) return [];
    return [{ ...item, value: without(item.value, gap.field) }];
  });
}

function without(value: unknown, [first = '', ...rest]: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null || !(first in value)) return value;
  const copy: Record<string, unknown> = { ...value };
  if (rest.length === 0) delete copy[first];
  else copy[first] = without(copy[first], rest);
  return copy;
}

function held({ value }: Item, { field = [] }: Gap): unknown {
  let part: unknown = value;
  for (const key of field) part = (part as Readonly<Record<string, unknown>> | undefined)?.[key];
  return part;
}
