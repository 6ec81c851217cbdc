/** Finds values in an object: what a printer column or a selectable field shows. */
export type JsonPath = (object: unknown) => readonly unknown[];

type Step = (value: unknown) => readonly unknown[];

/** What `parseJsonPath` made of a text. */
export type ParsedJsonPath =
  | { readonly kind: 'parsed'; readonly find: JsonPath }
  | { readonly kind: 'malformed'; readonly problem: string };

/**
 * Reads a simple JSONPath: `.spec.replicas`, `.status.conditions[?(@.type=="Ready")].status`,
 * `.metadata.labels.app\.kubernetes\.io/name`, `[0]`, `[-1]`, `[1:3]`, `[*]`, `['name']`, `..name`.
 *
 * Source: Kubernetes documentation, "JSONPath Support".
 */
export function parseJsonPath(text: string): ParsedJsonPath {
  const steps: Step[] = [];
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at);
    const token = tokens.map((each) => each(rest)).find((each) => each !== undefined);
    if (token === undefined) {
      return { kind: 'malformed', problem: `cannot read ${JSON.stringify(rest)} at ${at}` };
    }
    steps.push(token.step);
    at += token.length;
  }
  return { kind: 'parsed', find: (object) => walk([object], steps) };
}

function walk(values: readonly unknown[], steps: readonly Step[]): readonly unknown[] {
  let found = values;
  for (const step of steps) found = found.flatMap((value) => [...step(value)]);
  return found;
}

type Token = { readonly step: Step; readonly length: number } | undefined;

const tokens: readonly ((rest: string) => Token)[] = [
  (rest) => match(/^\.\.((?:\\.|[^.[\]\\])+)/, rest, ([, name = '']) => descend(unescape(name))),
  (rest) => match(/^\.?\[?\*\]?/, rest, () => children),
  (rest) => match(/^\.((?:\\.|[^.[\]\\])+)/, rest, ([, name = '']) => field(unescape(name))),
  (rest) => match(/^\.?\['((?:\\.|[^'\\])*)'\]/, rest, ([, name = '']) => field(unescape(name))),
  (rest) => match(/^\.?\["((?:\\.|[^"\\])*)"\]/, rest, ([, name = '']) => field(unescape(name))),
  (rest) => match(/^\.?\[(-?\d+)\]/, rest, ([, index = '']) => item(Number(index))),
  (rest) => match(/^\.?\[(-?\d*):(-?\d*)\]/, rest, ([, start = '', end = '']) => slice(start, end)),
  (rest) =>
    match(filterPattern, rest, ([, path = '', operator, operand]) =>
      filter(path, operator, operand),
    ),
  (rest) => match(/^\.$/, rest, () => (value) => [value]),
];

const filterPattern =
  /^\.?\[\?\(\s*@((?:\\.|[^\s=!<>)'"\\])*)\s*(?:(==|!=|<=|>=|<|>)\s*("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^\s)]+)\s*)?\)\]/;

function match(
  pattern: RegExp,
  rest: string,
  make: (groups: RegExpExecArray) => Step | undefined,
): Token {
  const found = pattern.exec(rest);
  if (found === null || found[0] === '') return undefined;
  const step = make(found);
  return step === undefined ? undefined : { step, length: found[0].length };
}

function unescape(name: string): string {
  return name.replaceAll(/\\(.)/g, '$1');
}

function field(name: string): Step {
  return (value) =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.hasOwn(value, name)
      ? [(value as Record<string, unknown>)[name]]
      : [];
}

function children(value: unknown): readonly unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}

function descend(name: string): Step {
  const find = (value: unknown): unknown[] => [
    ...field(name)(value),
    ...children(value).flatMap(find),
  ];
  return find;
}

function item(index: number): Step {
  return (value) => {
    if (!Array.isArray(value)) return [];
    const at = index < 0 ? value.length + index : index;
    return at in value ? [value[at]] : [];
  };
}

function slice(start: string, end: string): Step {
  const from = start === '' ? 0 : Number(start);
  const to = end === '' ? undefined : Number(end);
  return (value) => (Array.isArray(value) ? value.slice(from, to) : []);
}

function filter(
  path: string,
  operator: string | undefined,
  operand: string | undefined,
): Step | undefined {
  const parsed = parseJsonPath(path);
  if (parsed.kind === 'malformed') return undefined;
  const holds = (value: unknown): boolean => {
    const [found] = parsed.find(value);
    if (operator === undefined || operand === undefined) return found !== undefined;
    return found !== undefined && compare(found, literal(operand), operator);
  };
  return (value) => (Array.isArray(value) ? value.filter(holds) : []);
}

function literal(text: string): unknown {
  if (/^["']/.test(text)) return unescape(text.slice(1, -1));
  if (text === 'true' || text === 'false') return text === 'true';
  const number = Number(text);
  return Number.isNaN(number) ? text : number;
}

function compare(one: unknown, other: unknown, operator: string): boolean {
  if (operator === '==') return one === other;
  if (operator === '!=') return one !== other;
  if (typeof one !== typeof other || (typeof one !== 'number' && typeof one !== 'string'))
    return false;
  const left = one as number;
  const right = other as number;
  switch (operator) {
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    default:
      return left >= right;
  }
}
