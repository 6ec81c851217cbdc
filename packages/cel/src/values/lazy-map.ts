import { equalMaps } from './equality.ts';
import { Failure, MapValue, type Result, type Value, isMap } from './value.ts';
import type { Work } from './work.ts';

/** A map whose values are evaluated when an expression first selects them, each once: `variables`. */
export class LazyMap extends MapValue {
  readonly #evaluate: (name: string) => Result | undefined;
  readonly #names: readonly string[];
  readonly #results = new Map<string, Result>();

  /** `evaluate` answers undefined for a name that is none. */
  constructor(names: readonly string[], evaluate: (name: string) => Result | undefined) {
    super();
    this.#names = names;
    this.#evaluate = evaluate;
  }

  override get size(): number {
    return this.#names.length;
  }

  /** What a field comes to, or why to nothing; undefined: there is no such field. */
  resultOf(name: string): Result | undefined {
    const known = this.#results.get(name);
    if (known !== undefined) return known;
    const result = this.#evaluate(name);
    if (result !== undefined) this.#results.set(name, result);
    return result;
  }

  get(key: Value): Value | undefined {
    const result = typeof key === 'string' ? this.resultOf(key) : undefined;
    return result instanceof Failure ? undefined : result;
  }

  keys(): readonly Value[] {
    return this.#names;
  }

  equals(other: Value, work: Work): boolean {
    return isMap(other) && equalMaps(this, other, work);
  }
}
