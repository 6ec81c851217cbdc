import { stringifyJson } from '../json-text.ts';
import { type JsonArray, type JsonValue, fieldOf, isJsonObject } from '../json-value.ts';
import { PatchProblem, show } from './patch-problem.ts';

/** Compares as a key of a map does: numbers and texts differ. */
export type Identity = string | number | bigint | boolean | null;

/**
 * What makes two elements of a list the same: the value of their merge key, or for scalars (no
 * merge key) the value itself. Undefined for an object without its key.
 */
export function identityOf(element: JsonValue, mergeKey: string | undefined): Identity | undefined {
  const value =
    mergeKey !== undefined && isJsonObject(element) ? fieldOf(element, mergeKey) : element;
  return typeof value === 'object' && value !== null ? stringifyJson(value) : value;
}

/** As `identityOf`. Errors: `PatchProblem` for an object without its key. */
export function requireIdentity(element: JsonValue, mergeKey: string | undefined): Identity {
  const identity = identityOf(element, mergeKey);
  if (identity !== undefined) return identity;
  const problem = `map: ${show(element)} does not contain declared merge key: ${mergeKey ?? ''}`;
  throw new PatchProblem('refused', problem);
}

/**
 * Orders a merged list: elements that `wanted` names in its order, all others in the order of
 * `live`, and the two woven so that what stood before in `live` stays before.
 *
 * Source: Kubernetes, strategic merge patch, `$setElementOrder`.
 */
export function orderElements(
  merged: JsonArray,
  order: {
    readonly wanted: JsonArray;
    readonly live: JsonArray;
    readonly mergeKey: string | undefined;
  },
): JsonValue[] {
  const wanted = places(order.wanted, order.mergeKey);
  const live = places(order.live, order.mergeKey);
  const elements = merged.map((element): PlacedElement => {
    const identity = identityOf(element, order.mergeKey);
    if (identity === undefined) return { element, wanted: -1, live: -1 };
    return { element, wanted: wanted.get(identity) ?? -1, live: live.get(identity) ?? -1 };
  });
  const named = elements.filter((each) => each.wanted >= 0);
  const others = elements.filter((each) => each.wanted < 0);
  named.sort((left, right) => left.wanted - right.wanted);
  others.sort((left, right) => left.live - right.live);
  return weave(others, named).map(({ element }) => element);
}

/** Where an element stands in the order that is wanted, and where it stood; -1 for nowhere. */
interface PlacedElement {
  readonly element: JsonValue;
  readonly wanted: number;
  readonly live: number;
}

/** An element that was not in the live list goes before the rest of those that were. */
function weave(
  others: readonly PlacedElement[],
  named: readonly PlacedElement[],
): readonly PlacedElement[] {
  const woven: PlacedElement[] = [];
  let at = 0;
  for (const element of named) {
    for (let other = others[at]; other !== undefined; other = others[at]) {
      if (other.live < 0 || other.live >= element.live) break;
      woven.push(other);
      at += 1;
    }
    woven.push(element);
  }
  return [...woven, ...others.slice(at)];
}

function places(list: JsonArray, mergeKey: string | undefined): Map<Identity, number> {
  const found = new Map<Identity, number>();
  for (const [index, element] of list.entries()) {
    const identity = identityOf(element, mergeKey);
    if (identity !== undefined && !found.has(identity)) found.set(identity, index);
  }
  return found;
}
