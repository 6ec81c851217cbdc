import { JsonPathError } from './json-path-error.ts';

/** A part of a template. */
export type JsonPathNode =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'path'; readonly steps: readonly JsonPathStep[] }
  | {
      readonly kind: 'range';
      readonly steps: readonly JsonPathStep[];
      readonly body: readonly JsonPathNode[];
    };

/** One step from values to other values. */
export type JsonPathStep =
  | { readonly kind: 'field'; readonly name: string }
  /** `.*` and `[*]`. */
  | { readonly kind: 'all' }
  /** `..`: the value itself and everything in it. */
  | { readonly kind: 'descend' }
  | {
      readonly kind: 'slice';
      readonly start?: number;
      readonly end?: number;
      readonly step?: number;
      /** `[3]` and not `[3:4]`. */
      readonly isIndex: boolean;
    }
  /** `['a','b']`, `[0,2]`. */
  | { readonly kind: 'union'; readonly parts: readonly JsonPathStep[] }
  | { readonly kind: 'filter'; readonly filter: JsonPathFilter };

export type JsonPathOperand =
  | { readonly kind: 'path'; readonly steps: readonly JsonPathStep[] }
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null };

export type JsonPathOperator = '==' | '!=' | '<' | '<=' | '>' | '>=';

export type JsonPathFilter =
  | { readonly kind: 'exists'; readonly operand: JsonPathOperand }
  | {
      readonly kind: 'compare';
      readonly left: JsonPathOperand;
      readonly operator: JsonPathOperator;
      readonly right: JsonPathOperand;
    };

/** Deeper than real templates nest, and far below the depth that overflows the stack. */
const depthMax = 100;

/**
 * Reads a template: text with paths in braces, as kubectl prints by it.
 *
 * Source: Kubernetes documentation, "JSONPath Support". Errors: `JsonPathError`.
 */
export function parseJsonPathTemplate(template: string): readonly JsonPathNode[] {
  return new JsonPathParser(template).template();
}

/**
 * Reads one path as it stands between the braces of a template: `.spec.replicas`,
 * `.status.conditions[?(@.type=="Ready")].status`, `.metadata.labels.app\.kubernetes\.io/name`.
 *
 * Errors: `JsonPathError`.
 */
export function parseJsonPath(path: string): readonly JsonPathStep[] {
  return new JsonPathParser(path).path();
}

class JsonPathParser {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  template(): readonly JsonPathNode[] {
    const nodes = this.#nodes();
    if (this.#at < this.#text.length) throw this.#error('{end} without {range}');
    return nodes;
  }

  path(): readonly JsonPathStep[] {
    const steps = this.#path();
    if (this.#at < this.#text.length) throw this.#error('expected the path to go on or to end');
    return steps;
  }

  // Ends before an {end} that belongs to an outer range, or at the end of the text.
  #nodes(): readonly JsonPathNode[] {
    const nodes: JsonPathNode[] = [];
    while (this.#at < this.#text.length) {
      const brace = this.#text.indexOf('{', this.#at);
      const end = brace < 0 ? this.#text.length : brace;
      if (end > this.#at) nodes.push({ kind: 'text', text: this.#text.slice(this.#at, end) });
      this.#at = end;
      if (brace < 0 || this.#isNext(/\{\s*end\s*\}/y)) break;
      this.#at += 1;
      nodes.push(...this.#action());
    }
    return nodes;
  }

  // What stands between braces.
  #action(): readonly JsonPathNode[] {
    if (this.#take(/\s*range(?=[\s.[$@])/y) !== undefined) return [this.#range()];
    const nodes: JsonPathNode[] = [];
    while (this.#take(/\s*\}/y) === undefined) {
      this.#skipSpace();
      const quote = this.#peek();
      if (quote === '"' || quote === "'") nodes.push({ kind: 'text', text: this.#quoted() });
      else nodes.push({ kind: 'path', steps: this.#path() });
    }
    return nodes;
  }

  #range(): JsonPathNode {
    this.#skipSpace();
    const steps = this.#path();
    this.#expect(/\s*\}/y, '"}" after the path of range');
    this.#enter();
    const body = this.#nodes();
    this.#depth -= 1;
    this.#expect(/\{\s*end\s*\}/y, '{end} for {range}');
    return { kind: 'range', steps, body };
  }

  #path(): readonly JsonPathStep[] {
    const begin = this.#at;
    const steps: JsonPathStep[] = [];
    this.#take(/[$@]/y);
    for (let step = this.#step(); step !== undefined; step = this.#step()) steps.push(...step);
    if (this.#at === begin) throw this.#error('expected a path such as .metadata.name');
    // `{.}` and `{@}` have no steps: they are the value itself.
    return steps;
  }

  // Undefined where the path ends.
  #step(): readonly JsonPathStep[] | undefined {
    if (this.#take(/\.\./y) !== undefined) {
      const name = this.#peek() === '[' ? undefined : this.#fieldName();
      return [{ kind: 'descend' }, ...(name === undefined ? [] : [fieldStep(name)])];
    }
    if (this.#take(/\./y) !== undefined) {
      const name = this.#fieldName();
      return name === undefined ? [] : [fieldStep(name)];
    }
    if (this.#take(/\[\s*/y) === undefined) return undefined;
    const step = this.#brackets();
    this.#expect(/\s*\]/y, '"]"');
    return [step];
  }

  // A backslash keeps a dot, or anything else, in the name.
  #fieldName(): { readonly text: string; readonly isQuoted: boolean } | undefined {
    const raw = this.#take(/(?:\\[^]|[^\s.,[\]$@{}()=!<>"'\\])+/y);
    if (raw === undefined) return undefined;
    return { text: raw.replaceAll(/\\([^])/g, '$1'), isQuoted: raw.includes('\\') };
  }

  #brackets(): JsonPathStep {
    if (this.#take(/\*/y) !== undefined) return { kind: 'all' };
    if (this.#take(/\?\s*\(/y) !== undefined) return this.#filter();
    const parts = [this.#bracketPart()];
    while (this.#take(/\s*,\s*/y) !== undefined) parts.push(this.#bracketPart());
    const [only] = parts;
    return only !== undefined && parts.length === 1 ? only : { kind: 'union', parts };
  }

  #bracketPart(): JsonPathStep {
    const quote = this.#peek();
    if (quote === '"' || quote === "'") return { kind: 'field', name: this.#quoted() };
    const text = this.#take(/(?:-?\d{1,15})?(?::(?:-?\d{1,15})?){0,2}/y) ?? '';
    if (text === '') {
      throw this.#error('expected an index, a slice such as 0:2, a name in quotes, * or ?(');
    }
    const [start, end, step] = text
      .split(':')
      .map((each) => (each === '' ? undefined : Number(each)));
    return {
      kind: 'slice',
      ...(start === undefined ? {} : { start }),
      ...(end === undefined ? {} : { end }),
      ...(step === undefined ? {} : { step }),
      isIndex: !text.includes(':'),
    };
  }

  #filter(): JsonPathStep {
    this.#enter();
    const left = this.#operand();
    const operator = this.#take(/\s*(==|!=|<=|>=|<|>)/y)?.trim() as JsonPathOperator | undefined;
    const filter: JsonPathFilter =
      operator === undefined
        ? { kind: 'exists', operand: left }
        : { kind: 'compare', left, operator, right: this.#operand() };
    this.#depth -= 1;
    this.#expect(/\s*\)/y, 'a comparison (==, !=, <, <=, >, >=) or ")"');
    return { kind: 'filter', filter };
  }

  #operand(): JsonPathOperand {
    this.#skipSpace();
    const quote = this.#peek();
    if (quote === '"' || quote === "'") return { kind: 'literal', value: this.#quoted() };
    const number = this.#take(/[+-]?\d+(\.\d+)?/y);
    if (number !== undefined) return { kind: 'literal', value: Number(number) };
    const word = this.#take(/(?:true|false|null)\b/y);
    if (word !== undefined) return { kind: 'literal', value: words[word] ?? null };
    return { kind: 'path', steps: this.#path() };
  }

  #quoted(): string {
    const quoted = this.#take(/"(?:\\[^]|[^"\\])*"|'(?:\\[^]|[^'\\])*'/y);
    if (quoted === undefined) throw this.#error('a text in quotes that does not end');
    return quoted.slice(1, -1).replaceAll(/\\(u[0-9a-fA-F]{4}|[^])/g, (_, escape: string) => {
      if (escape.length === 5) return String.fromCharCode(Number.parseInt(escape.slice(1), 16));
      return escapes[escape] ?? escape;
    });
  }

  #take(expression: RegExp): string | undefined {
    expression.lastIndex = this.#at;
    const taken = expression.exec(this.#text)?.[0];
    if (taken === undefined) return undefined;
    this.#at += taken.length;
    return taken;
  }

  #isNext(expression: RegExp): boolean {
    expression.lastIndex = this.#at;
    return expression.test(this.#text);
  }

  #expect(expression: RegExp, what: string): void {
    if (this.#take(expression) === undefined) throw this.#error(`expected ${what}`);
  }

  #skipSpace(): void {
    this.#take(/\s+/y);
  }

  #peek(): string {
    return this.#text[this.#at] ?? '';
  }

  #enter(): void {
    this.#depth += 1;
    if (this.#depth > depthMax) throw this.#error(`nested more than ${depthMax} deep`);
  }

  #error(why: string): JsonPathError {
    const rest = this.#text.slice(this.#at, this.#at + 20);
    const where = rest === '' ? 'at its end' : `before ${JSON.stringify(rest)}`;
    return new JsonPathError(`cannot read the JSONPath: ${why}, ${where}`);
  }
}

function fieldStep({ text, isQuoted }: { text: string; isQuoted: boolean }): JsonPathStep {
  return text === '*' && !isQuoted ? { kind: 'all' } : { kind: 'field', name: text };
}

const words: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null };
const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\u0007',
  b: '\b',
  f: '\f',
  v: '\v',
};
