import { type JsonArray, type JsonValue, fieldOf, isJsonObject } from './json-value.ts';

/**
 * What makes two elements of a list the same: the value of their merge key, or for scalars (no
 * merge key) the value itself. Undefined for an object without its key. Numbers and texts differ.
 */
export function identityOf(element: JsonValue, mergeKey: string | undefined): string | undefined {
  const value =
    mergeKey !== undefined && isJsonObject(element) ? fieldOf(element, mergeKey) : element;
  return value === undefined ? undefined : JSON.stringify(value);
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
  const rank = (ranks: ReadonlyMap<string, number>, element: JsonValue): number =>
    ranks.get(identityOf(element, order.mergeKey) ?? '') ?? -1;
  const named = merged
    .filter((element) => rank(wanted, element) >= 0)
    .sort((left, right) => rank(wanted, left) - rank(wanted, right));
  const others = merged
    .filter((element) => rank(wanted, element) < 0)
    .sort((left, right) => rank(live, left) - rank(live, right));
  return weave(others, named, (element) => rank(live, element));
}

/** An element without a live place goes before whatever is left of the others. */
function weave(
  others: JsonArray,
  named: JsonArray,
  livePlace: (element: JsonValue) => number,
): JsonValue[] {
  const woven: JsonValue[] = [];
  let at = 0;
  for (const element of named) {
    const place = livePlace(element);
    for (; at < others.length; at += 1) {
      const other = others[at] ?? null;
      const otherPlace = livePlace(other);
      if (otherPlace < 0 || otherPlace >= place) break;
      woven.push(other);
    }
    woven.push(element);
  }
  return [...woven, ...others.slice(at)];
}

function places(list: JsonArray, mergeKey: string | undefined): Map<string, number> {
  const found = new Map<string, number>();
  for (const [index, element] of list.entries()) {
    const identity = identityOf(element, mergeKey);
    if (identity !== undefined && !found.has(identity)) found.set(identity, index);
  }
  return found;
}
