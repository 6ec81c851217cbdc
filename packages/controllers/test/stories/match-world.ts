import type { KubernetesObject } from '@fairway/protocol';
import { type Bindings, type Difference, unify } from './unify.ts';

/** Something that was recorded, or that there is: an object or an event. */
export interface Item {
  /** Only items of one class can be the same: `Pod`, `Event`. */
  readonly class: string;
  readonly title: string;
  readonly value: unknown;
}

/** How many assignments are looked at before a world counts as another one. */
const triesMax = 20_000;

/**
 * Finds which item that there is was recorded as which: chance gave them other names, and a
 * controller that may choose among equals may have chosen others.
 *
 * `preferred` says what the masks stood for before; it is kept where that fits.
 */
export function matchWorld(
  expected: readonly Item[],
  found: readonly Item[],
  preferred: Bindings,
): { readonly bindings: Bindings } | { readonly problem: string } {
  const search = new Search(preferred);
  const bindings = search.assign(expected, found, new Map());
  if (bindings !== undefined) return { bindings };
  return { problem: describe(expected, found, preferred) };
}

class Search {
  readonly #preferred: Bindings;
  #tries = 0;

  constructor(preferred: Bindings) {
    this.#preferred = preferred;
  }

  /** Begins with the item that leaves the fewest choices. */
  assign(
    expected: readonly Item[],
    found: readonly Item[],
    bindings: Bindings,
  ): Bindings | undefined {
    if (expected.length !== found.length) return undefined;
    let narrowest: { item: Item; choices: readonly Choice[] } | undefined;
    for (const item of expected) {
      const choices = found.flatMap((each) => choiceOf(item, each, bindings));
      if (choices.length === 0) return undefined;
      if (narrowest === undefined || choices.length < narrowest.choices.length) {
        narrowest = { item, choices };
      }
      if (choices.length === 1) break;
    }
    if (narrowest === undefined) return bindings;
    const { item, choices } = narrowest;
    for (const choice of choices.toSorted(
      (one, other) => this.#changes(one) - this.#changes(other),
    )) {
      if (this.#tries++ > triesMax) return undefined;
      const rest = expected.filter((each) => each !== item);
      const left = found.filter((each) => each !== choice.found);
      const outcome = this.assign(rest, left, choice.bindings);
      if (outcome !== undefined) return outcome;
    }
    return undefined;
  }

  #changes({ bindings }: Choice): number {
    const changed = [...bindings].filter(([name, value]) => {
      const before = this.#preferred.get(name);
      return before !== undefined && before !== value;
    });
    return changed.length;
  }
}

interface Choice {
  readonly found: Item;
  readonly bindings: Bindings;
}

function choiceOf(item: Item, found: Item, bindings: Bindings): readonly Choice[] {
  if (item.class !== found.class) return [];
  const outcome = unify(item.value, found.value, bindings);
  return 'bindings' in outcome ? [{ found, bindings: outcome.bindings }] : [];
}

/** The first thing that differs, told so that one sees what to mend. */
function describe(expected: readonly Item[], found: readonly Item[], preferred: Bindings): string {
  const left = [...found];
  const missing: Item[] = [];
  for (const item of expected) {
    const at = left.findIndex((each) => choiceOf(item, each, preferred).length > 0);
    if (at === -1) missing.push(item);
    else left.splice(at, 1);
  }
  const lines = missing.slice(0, 4).map((item) => {
    const nearest = nearestTo(item, left, preferred);
    if (nearest === undefined)
      return `expected and not found: ${item.title}\n    ${short(item.value)}`;
    const { path, expected: wanted, found: given } = nearest.difference;
    return `${item.title} (found as ${nearest.item.title}) at ${path}\n    expected ${short(wanted)}\n    found    ${short(given)}`;
  });
  const told = left.filter((each) => !missing.some((item) => item.class === each.class));
  lines.push(
    ...told
      .slice(0, 4)
      .map((each) => `found and not expected: ${each.title}\n    ${short(each.value)}`),
  );
  if (lines.length === 0)
    lines.push('each one is like one that was recorded, but not all together');
  return lines.join('\n  ');
}

function nearestTo(
  item: Item,
  found: readonly Item[],
  preferred: Bindings,
): { readonly item: Item; readonly difference: Difference } | undefined {
  let nearest: { item: Item; difference: Difference; sameness: number } | undefined;
  for (const each of found) {
    if (each.class !== item.class) continue;
    const outcome = unify(item.value, each.value, preferred);
    if ('bindings' in outcome) continue;
    const sameness = samenessOf(item.value, each.value, preferred);
    if (nearest === undefined || sameness > nearest.sameness) {
      nearest = { item: each, difference: outcome.difference, sameness };
    }
  }
  return nearest;
}

/** How many fields of the two, and of their metadata, are alike; the name counts most. */
function samenessOf(one: unknown, other: unknown, preferred: Bindings): number {
  const [first, second] = [one, other] as (KubernetesObject & Readonly<Record<string, unknown>>)[];
  const isAlike = (a: unknown, b: unknown): number =>
    'bindings' in unify(a, b, preferred) ? 1 : 0;
  let sameness = 10 * isAlike(first?.metadata?.name, second?.metadata?.name);
  for (const key of Object.keys(first ?? {})) sameness += isAlike(first?.[key], second?.[key]);
  return sameness;
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 900 ? `${text.slice(0, 900)}…` : text;
}
