/** Names the fields of an expected object that may hold anything. */
export const anyOf = Symbol('fields that may hold anything');

/** What masks stand for in this run: `<suffix-2>` for `x7k2p`. */
export type Bindings = ReadonlyMap<string, string>;

export interface Difference {
  readonly path: string;
  readonly expected: unknown;
  readonly found: unknown;
}

/** A mask that is another thing each time it stands somewhere. */
const loose: Readonly<Record<string, string>> = {
  '<rv>': '\\d+',
  '<uid>': '[0-9a-f-]{36}',
  '<time>': '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?Z',
  '<ip>': '\\d+(?:\\.\\d+){3}',
  '<base64 pem>': 'LS0tLS1CRUdJTi[A-Za-z0-9+/=]+|[A-Za-z0-9+/=]+',
  '<base64 jwt>': '[A-Za-z0-9+/=]+',
};

/** A mask that is the same thing wherever it stands, and another thing than the masks beside it. */
const bound: readonly { readonly mask: RegExp; readonly form: string }[] = [
  { mask: /^<hash(-\d+)?>$/, form: '[a-z0-9]+' },
  { mask: /^<suffix(-\d+)?>$/, form: '[a-z0-9]{5}' },
  { mask: /^<minute(-\d+)?>$/, form: '\\d{8}' },
  // Which pod got which address is as much by chance as its name.
  { mask: /^10\.9\.1\.\d+$/, form: '10\\.9\\.1\\.\\d+' },
];

const masks =
  /<(?:rv|uid|time|ip|base64 pem|base64 jwt|(?:hash|suffix|minute)(?:-\d+)?)>|(?<![\d.])10\.9\.1\.\d+/g;

/**
 * Finds what masks have to stand for so that `expected` becomes `found`: the bindings, or the first
 * place where nothing helps.
 */
export function unify(
  expected: unknown,
  found: unknown,
  bindings: Bindings,
): { readonly bindings: Bindings } | { readonly difference: Difference } {
  const draft = new Map(bindings);
  const difference = compare({ expected, found, path: '' }, draft);
  return difference === undefined ? { bindings: draft } : { difference };
}

/** Puts what the masks stand for in their places; what is not known stays a mask. */
export function fillIn<T>(value: T, bindings: Bindings): T {
  if (typeof value === 'string') {
    return value.replaceAll(masks, (mask) => bindings.get(mask) ?? mask) as T;
  }
  if (Array.isArray(value)) return value.map((each: unknown) => fillIn(each, bindings)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [fillIn(key, bindings), fillIn(each, bindings)]),
  ) as T;
}

function compare(at: Difference, bindings: Map<string, string>): Difference | undefined {
  const { expected, found, path } = at;
  if (typeof expected === 'string') {
    return typeof found === 'string' && isLike(expected, found, bindings) ? undefined : at;
  }
  if (typeof expected !== 'object' || expected === null) {
    return expected === found ? undefined : at;
  }
  if (typeof found !== 'object' || found === null) return at;
  if (Array.isArray(expected) !== Array.isArray(found)) return at;
  const [wanted, given] = [expected, found] as Readonly<Record<string, unknown>>[];
  const free = (expected as { readonly [anyOf]?: readonly string[] })[anyOf] ?? [];
  for (const key of new Set([...Object.keys(wanted ?? {}), ...Object.keys(given ?? {})])) {
    if (free.includes(key)) continue;
    const next = { expected: wanted?.[key], found: given?.[key], path: `${path}.${key}` };
    const difference = compare(next, bindings);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function isLike(expected: string, found: string, bindings: Map<string, string>): boolean {
  const names = expected.match(masks);
  if (names === null) return expected === found;
  const parts = expected.split(masks);
  let pattern = escape(parts[0] ?? '');
  for (const [at, name] of names.entries()) {
    pattern += `(${formOf(name, bindings)})${escape(parts[at + 1] ?? '')}`;
  }
  const match = new RegExp(`^${pattern}$`).exec(found);
  if (match === null) return false;
  return names.every((name, at) => bind(name, match[at + 1] ?? '', bindings));
}

function formOf(name: string, bindings: Bindings): string {
  const known = bindings.get(name);
  if (known !== undefined) return escape(known);
  return loose[name] ?? bound.find(({ mask }) => mask.test(name))?.form ?? escape(name);
}

function bind(name: string, value: string, bindings: Map<string, string>): boolean {
  const known = bindings.get(name);
  if (loose[name] !== undefined || known !== undefined)
    return known === undefined || known === value;
  const form = bound.find(({ mask }) => mask.test(name));
  for (const [other, taken] of bindings) {
    if (taken === value && form?.mask.test(other) === true) return false;
  }
  bindings.set(name, value);
  return true;
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
