import { equalMaps } from './equality.ts';
import type { Work } from './work.ts';
import { Failure, MapValue, type Value, isInt, isMap, numericValue } from './value.ts';

/**
 * A map that an expression makes: its keys may be strings, bools and numbers, and numbers of all types
 * find each other.
 */
export class LiteralMap extends MapValue {
  readonly #entries: ReadonlyMap<unknown, readonly [Value, Value]>;

  constructor(entries: ReadonlyMap<unknown, readonly [Value, Value]>) {
    super();
    this.#entries = entries;
  }

  override get size(): number {
    return this.#entries.size;
  }

  get(key: Value): Value | undefined {
    return this.#entries.get(mapKey(key))?.[1];
  }

  keys(): readonly Value[] {
    return [...this.#entries.values()].map(([key]) => key);
  }

  equals(other: Value, work: Work): boolean {
    return isMap(other) && equalMaps(this, other, work);
  }
}

/** Gathers the entries of a map; each key once. */
export class MapBuilder {
  readonly #entries = new Map<unknown, readonly [Value, Value]>();

  /** Answers what is wrong with the key. */
  add(key: Value, value: Value): Failure | undefined {
    if (typeof key === 'number' && !isInt(key)) return new Failure('unsupported key type');
    const found = mapKey(key);
    if (found === undefined || numericKind(key) === 'double') {
      return new Failure('unsupported key type');
    }
    if (this.#entries.has(found)) return new Failure(`Failed with repeated key`);
    this.#entries.set(found, [key, value]);
    return undefined;
  }

  get size(): number {
    return this.#entries.size;
  }

  build(): LiteralMap {
    return new LiteralMap(this.#entries);
  }
}

function numericKind(key: Value): string | undefined {
  return typeof key === 'object' && key !== null && 'kind' in key ? String(key.kind) : undefined;
}

/** What a key is looked up by: equal keys give the same; undefined for what cannot be one. */
function mapKey(key: Value): unknown {
  if (typeof key === 'string' || typeof key === 'boolean') return key;
  const number = numericValue(key);
  if (number === undefined) return undefined;
  if (typeof number === 'number') return Object.is(number, -0) ? 0 : number;
  const plain = Number(number);
  return Number.isSafeInteger(plain) ? plain : number;
}
