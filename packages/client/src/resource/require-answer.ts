import type { HttpRequest, ResourceDescriptor } from '@fairway/protocol';
import { ConnectionError } from '../transport/connection-error.ts';

/** Pages without an item that are taken in a row; a server that filters may send some. */
const emptyPagesMax = 100;

/** Errors: `ConnectionError` unless the answer to a call is an object. */
export function requireObjectAnswer(
  { method, path }: Pick<HttpRequest, 'method' | 'path'>,
  answer: unknown,
): void {
  if (isObject(answer)) return;
  throw malformed(
    `${method} ${path} was answered with ${describe(answer)}, and not with an object`,
  );
}

/** Errors: `ConnectionError` for what is no page of a list. */
export function requirePage(kind: ResourceDescriptor, answer: unknown): void {
  const { metadata, items, rows } = (answer ?? {}) as Readonly<Record<string, unknown>>;
  const part = !isListMeta(metadata) ? 'metadata' : isList(items) && isList(rows) ? '' : 'items';
  if (part !== '') {
    throw malformed(`the list of ${kind.plural} was answered with what has no ${part} of a list`);
  }
}

/** Errors: `ConnectionError` for a list that holds something else than objects. */
export function requireItems(kind: ResourceDescriptor, items: readonly unknown[]): void {
  for (const item of items) {
    if (isObject(item)) continue;
    throw malformed(`the list of ${kind.plural} holds ${describe(item)} among its objects`);
  }
}

/**
 * The tokens of one list. A server that gives one twice, or ever more pages with nothing in them,
 * would never let it end.
 */
export class ContinueTokens {
  readonly #kind: ResourceDescriptor;
  readonly #seen = new Set<string>();
  #emptyPages = 0;

  constructor(kind: ResourceDescriptor) {
    this.#kind = kind;
  }

  /** The token that a page leads on with; empty at the end of the list. Errors: `ConnectionError`. */
  after(token: string | undefined, itemCount: number): string {
    if (token === undefined || token === '') return '';
    this.#emptyPages = itemCount === 0 ? this.#emptyPages + 1 : 0;
    if (this.#seen.has(token) || this.#emptyPages > emptyPagesMax) {
      const why = this.#seen.has(token) ? 'a continue token came twice' : 'its pages hold nothing';
      throw malformed(`the list of ${this.#kind.plural} does not end: ${why}`);
    }
    this.#seen.add(token);
    return token;
  }
}

function isListMeta(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { continue: token = '', resourceVersion = '' } = value as Readonly<Record<string, unknown>>;
  return typeof token === 'string' && typeof resourceVersion === 'string';
}

// Tables have rows where lists have items, and Go writes an empty slice as null.
function isList(value: unknown): boolean {
  return value === undefined || value === null || Array.isArray(value);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'bigint') return String(value);
  return Array.isArray(value) ? 'a list' : JSON.stringify(value);
}

function malformed(message: string): ConnectionError {
  return new ConnectionError({ problem: 'malformed-answer', message });
}
