import {
  type JsonObject,
  type JsonValue,
  isJsonObject,
  parseJson,
  stringifyJson,
} from '@fairway/protocol';

/**
 * One step of the path to a field, as `fieldsV1` writes it: `f:name` of a field, `k:{…}` of the item
 * of a list that has these keys, `v:…` of the item of a set, `i:0` of the item at a place.
 *
 * Two steps are the same when their text is: keys are sorted, and values are compact JSON.
 */
export type PathElement = string;

export function fieldElement(name: string): PathElement {
  return `f:${name}`;
}

export function valueElement(value: JsonValue): PathElement {
  return `v:${stringifyJson(value)}`;
}

/** What became of the text of a step. A kind that a later release may know is passed over. */
export type ReadElement =
  | { readonly kind: 'element'; readonly element: PathElement }
  | { readonly kind: 'unknown' | 'malformed' };

const malformed: ReadElement = { kind: 'malformed' };

/** Reads a step that somebody else wrote. */
export function readPathElement(text: string): ReadElement {
  if (text[1] !== ':') return malformed;
  switch (text[0]) {
    case 'f':
      return { kind: 'element', element: text };
    case 'i':
      return /^i:-?\d+$/.test(text) ? { kind: 'element', element: text } : malformed;
    case 'k':
    case 'v':
      return canonical(text);
    default:
      return { kind: 'unknown' };
  }
}

function canonical(text: string): ReadElement {
  const value = parse(text);
  if (value === undefined || !isNestedWithin(value, elementDepthMax)) return malformed;
  if (text.startsWith('v')) return { kind: 'element', element: valueElement(value) };
  if (!isJsonObject(value)) return malformed;
  const sorted = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  const keys = sorted.map(([name, each]) => `${JSON.stringify(name)}:${stringifyJson(each)}`);
  return { kind: 'element', element: `k:{${keys.join(',')}}` };
}

/** How deep the value of a step may nest. The API's own are scalars, or keys that hold scalars. */
const elementDepthMax = 100;

function isNestedWithin(value: JsonValue, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((each) => isNestedWithin(each, depth - 1));
}

function parse(text: string): JsonValue | undefined {
  try {
    return parseJson(text.slice(2)) as JsonValue;
  } catch {
    return undefined;
  }
}

/** The steps that lead on from one place, in the order of `fieldsV1`. May sort the given list. */
export function sortElements(elements: PathElement[]): readonly PathElement[] {
  if (elements.length < 2) return elements;
  if (elements.every(isInTextOrder)) return sortTexts(elements);
  // Each is read once: a comparison that reads both takes most of a second for large sets.
  const read = elements.map((element) => ({ element, value: valueOf(element) }));
  return read.sort(compareElements).map(({ element }) => element);
}

/** Sorts texts in place. There are few mostly, of which JavaScript's own way would make copies. */
export function sortTexts(texts: string[]): string[] {
  if (texts.length > fewTextsMax) return texts.sort();
  for (let at = 1; at < texts.length; at++) {
    const text = texts[at] ?? '';
    let place = at;
    for (; place > 0 && (texts[place - 1] ?? '') > text; place--)
      texts[place] = texts[place - 1] ?? '';
    texts[place] = text;
  }
  return texts;
}

const fewTextsMax = 20;

/** Null for a field, whose name is no JSON. */
function valueOf(element: PathElement): JsonValue {
  return element.startsWith('f:') ? null : (parse(element) ?? null);
}

const kinds = 'fkvi';

interface ElementWithValue {
  readonly element: PathElement;
  readonly value: JsonValue;
}

function compareElements(one: ElementWithValue, other: ElementWithValue): number {
  const [kind = '', otherKind = ''] = [one.element[0], other.element[0]];
  if (kind !== otherKind) return kinds.indexOf(kind) - kinds.indexOf(otherKind);
  if (one.element === other.element) return 0;
  if (kind === 'f') return one.element < other.element ? -1 : 1;
  return compareValues(one.value, other.value);
}

/**
 * Whether a step comes before another when its text does: that of a field, and of an item with one
 * key that is plain text. Comparing these needs no reading.
 */
function isInTextOrder(element: PathElement): boolean {
  return element.startsWith('f:') || plainKey.test(element);
}

/** Nothing in it comes before the quote that ends it. */
const plainKey = /^k:\{"\w+":"[#-[\]-~]*"\}$/;

/** Numbers before texts before truth values; keys by their names, then by what they hold. */
function compareValues(one: JsonValue, other: JsonValue): number {
  if (isNumber(one) && isNumber(other)) return one < other ? -1 : one > other ? 1 : 0;
  if (isJsonObject(one) && isJsonObject(other)) return compareKeys(one, other);
  const ranks = rankOf(one) - rankOf(other);
  if (ranks !== 0 || one === other) return ranks;
  return String(one) < String(other) ? -1 : 1;
}

function compareKeys(one: JsonObject, other: JsonObject): number {
  const [entries, others] = [Object.entries(one), Object.entries(other)];
  for (const [at, [name, value]] of entries.entries()) {
    const [otherName, otherValue] = others[at] ?? [];
    if (otherName === undefined || otherValue === undefined) return 1;
    if (name !== otherName) return name < otherName ? -1 : 1;
    const order = compareValues(value, otherValue);
    if (order !== 0) return order;
  }
  return entries.length - others.length;
}

function rankOf(value: JsonValue): number {
  return ['number', 'string', 'boolean', 'object'].indexOf(
    isNumber(value) ? 'number' : typeof value,
  );
}

function isNumber(value: JsonValue): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** A path as messages show it: `.spec.ports[port=80,protocol="TCP"].name`. */
export function formatPath(path: readonly PathElement[]): string {
  return path.map(formatElement).join('');
}

function formatElement(element: PathElement): string {
  switch (element[0]) {
    case 'f':
      return `.${element.slice(2)}`;
    case 'i':
      return `[${element.slice(2)}]`;
    case 'v':
      return `[=${element.slice(2)}]`;
    default: {
      const keys = Object.entries((parse(element) ?? {}) as JsonObject);
      return `[${keys.map(([name, value]) => `${name}=${stringifyJson(value)}`).join(',')}]`;
    }
  }
}
