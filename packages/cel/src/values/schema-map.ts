import { equalMaps } from './equality.ts';
import { MapValue, type PlainMap, type Value, isMap } from './value.ts';
import type { Work } from './work.ts';

/** A map of the wire whose values become other ones. */
export class SchemaMap extends MapValue {
  readonly #raw: PlainMap;
  readonly #convert: (value: Value) => Value;

  constructor(raw: PlainMap, convert: (value: Value) => Value) {
    super();
    this.#raw = raw;
    this.#convert = convert;
  }

  override get size(): number {
    return Object.keys(this.#raw).length;
  }

  get(key: Value): Value | undefined {
    if (typeof key !== 'string' || !Object.hasOwn(this.#raw, key)) return undefined;
    return this.#convert(this.#raw[key] as Value);
  }

  keys(): readonly Value[] {
    return Object.keys(this.#raw);
  }

  equals(other: Value, work: Work): boolean {
    return isMap(other) && equalMaps(this, other, work);
  }
}

/** What a schema says of the fields of an object. */
export interface ObjectSemantics {
  /** From names in expressions to those in the object. */
  readonly keys: ReadonlyMap<string, string>;
  /** By names in the object. */
  readonly conversions: ReadonlyMap<string, (value: Value) => Value>;
}

/**
 * An object of the wire some of whose fields become other values. Its fields are found under their names
 * in expressions; one that is null counts as absent. Source: Kubernetes, cel/common/values.go.
 */
export class SchemaObject extends MapValue {
  readonly #raw: PlainMap;
  readonly #semantics: ObjectSemantics;

  constructor(raw: PlainMap, semantics: ObjectSemantics) {
    super();
    this.#raw = raw;
    this.#semantics = semantics;
  }

  override get size(): number {
    return Object.keys(this.#raw).length;
  }

  get(name: Value): Value | undefined {
    if (typeof name !== 'string') return undefined;
    const { keys, conversions } = this.#semantics;
    const key = keys.get(name) ?? name;
    if (!Object.hasOwn(this.#raw, key)) return undefined;
    const value = this.#raw[key] as Value;
    return value === null ? undefined : (conversions.get(key)?.(value) ?? value);
  }

  keys(): readonly Value[] {
    return Object.keys(this.#raw);
  }

  equals(other: Value, work: Work): boolean {
    return isMap(other) && equalMaps(this, other, work);
  }
}
