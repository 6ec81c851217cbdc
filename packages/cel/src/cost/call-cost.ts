import { type Value, elementsOf, isList, isMap, keysOf, sizeOf, valueAt } from '../values/value.ts';
import type { Work } from '../values/work.ts';

/** What a call costs, by its arguments (of a method, its target first), which is known before. */
type ArgumentsCost = (args: readonly Value[], work: Work) => number;

export interface CallCost {
  readonly ofArguments: ArgumentsCost;
  /** What it costs on top, by what it came to. */
  readonly ofResult?: (result: Value, work: Work) => number;
}

/**
 * What a call costs while it runs; undefined: one, which is what all that takes the same time for every
 * value costs. The rules are those of Kubernetes and cel-go, so that what fits the budget there does here.
 *
 * Source: cel-go, interpreter/runtimecost.go; Kubernetes, cel/library/cost.go.
 */
export function callCost(name: string, overload: string): CallCost | undefined {
  const ofArguments = ofOverload.get(overload) ?? ofFunction.get(name);
  const ofResult = ofResults.get(name);
  if (ofResult !== undefined) return { ofArguments: ofArguments ?? (() => 0), ofResult };
  return ofArguments && { ofArguments };
}

/** A tenth of the size of one argument, times how often it is gone through. */
function traversal(argument: number, times = 1): ArgumentsCost {
  return (args, work) => Math.ceil((sizeOf(args[argument] as Value, work) * times) / 10);
}

/** A quarter of an expression for each tenth of the text. */
const search: ArgumentsCost = ([text, pattern], work) =>
  Math.ceil((1 + sizeOf(text as Value, work)) / 10) * Math.ceil(sizeOf(pattern as Value, work) / 4);

const contains: ArgumentsCost = ([text, part], work) =>
  Math.ceil(sizeOf(text as Value, work) / 10) * Math.ceil(sizeOf(part as Value, work) / 10);

/** Asking the authorizer: an expression can afford it twice. Source: Kubernetes, cel/library/cost.go. */
export const authorizationCheckCost = 350_000;

/** Reading a selector, and a requirement of it for every two characters. */
const selector: ArgumentsCost = ([, text], work) => {
  const size = sizeOf(text as Value, work);
  return 10 + Math.ceil(size / 10) + 50 * Math.ceil(size / 2);
};

const wholeTree: ArgumentsCost = ([value]) => treeCost(value as Value);

/** Every pair of elements. */
const pairs: ArgumentsCost = ([one, other], work) =>
  1 + sizeOf(one as Value, work) * sizeOf(other as Value, work);

const elements: ArgumentsCost = ([list], work) => 1 + sizeOf(list as Value, work);

const sorting: ArgumentsCost = ([list], work) => {
  const size = sizeOf(list as Value, work);
  return 1 + size * Math.ceil(Math.log2(size + 1));
};

/** The size of the network is of its address, in bytes. */
const containsAddress: ArgumentsCost = ([network, other], work) =>
  Math.ceil((2 * sizeOf(network as Value, work)) / 10) +
  (typeof other === 'string' ? Math.ceil(sizeOf(other, work) / 10) : 0);

const ofOverload: ReadonlyMap<string, ArgumentsCost> = new Map([
  ['string_to_bytes', traversal(0)],
  ['bytes_to_string', traversal(0)],
  ['in_list', (args, work) => sizeOf(args[1] as Value, work)],
  ['cidr_ip', () => 1],
]);

const ofFunction: ReadonlyMap<string, ArgumentsCost> = new Map<string, ArgumentsCost>([
  ['startsWith', traversal(1)],
  ['endsWith', traversal(1)],
  ['strings.quote', traversal(0)],
  ['format', traversal(0)],
  ['matches', search],
  ['find', search],
  ['findAll', search],
  ['contains', contains],
  ['isSorted', wholeTree],
  ['sum', wholeTree],
  ['min', wholeTree],
  ['max', wholeTree],
  ['indexOf', wholeTree],
  ['lastIndexOf', wholeTree],
  ['url', traversal(0)],
  ['lowerAscii', traversal(0)],
  ['upperAscii', traversal(0)],
  ['substring', traversal(0)],
  ['trim', traversal(0)],
  ['replace', traversal(0, 2)],
  ['split', traversal(0, 2)],
  ['ip', traversal(0)],
  ['cidr', traversal(0)],
  ['isIP', traversal(0)],
  ['isCIDR', traversal(0)],
  ['ip.isCanonical', traversal(0, 2)],
  ['quantity', traversal(0)],
  ['isQuantity', traversal(0)],
  ['containsIP', containsAddress],
  ['containsCIDR', (args, work) => containsAddress(args, work) + traversal(0)(args, work) + 1],
  ['sets.contains', pairs],
  ['sets.equivalent', (args, work) => 2 * pairs(args, work)],
  ['sets.intersects', pairs],
  ['validate', traversal(1)],
  ['check', () => authorizationCheckCost],
  ['fieldSelector', selector],
  ['labelSelector', selector],
  ['jsonpatch.escapeKey', traversal(0)],
  ['distinct', ([list], work) => 1 + sizeOf(list as Value, work) ** 2],
  ['sort', sorting],
  ['@sortByAssociatedKeys', sorting],
  ['lists.range', ([count]) => 1 + Math.max(0, Number(count))],
  ['reverse', elements],
]);

const ofResults: ReadonlyMap<string, (result: Value, work: Work) => number> = new Map([
  ['join', (result, work) => Math.ceil((sizeOf(result, work) * 2) / 10)],
  ['flatten', (result, work) => 1 + sizeOf(result, work)],
  ['slice', (result, work) => 1 + sizeOf(result, work)],
]);

/** All parts of a value: one for each, and a tenth of the length of a text. */
function treeCost(value: Value): number {
  if (typeof value === 'string' || value instanceof Uint8Array) {
    return Math.floor(value.length / 10);
  }
  if (isList(value)) {
    return elementsOf(value).reduce<number>((sum, each) => sum + treeCost(each), 0);
  }
  if (!isMap(value)) return 1;
  return keysOf(value).reduce<number>(
    (sum, key) => sum + treeCost(key) + treeCost(valueAt(value, key) as Value),
    0,
  );
}
