import { equalLists, equals } from './equality.ts';
import { ListValue, type Value, elementsOf, isList, isMap, valueAt } from './value.ts';
import type { Work } from './work.ts';

/** What a schema says of a list, beyond its elements. */
export interface ListSemantics {
  /** Makes an element of the wire the value that its schema says. */
  readonly convert: (element: Value) => Value;
  readonly listType: 'atomic' | 'set' | 'map';
  readonly keys: readonly string[];
}

/**
 * A list of the wire whose schema says more than that it is one: its elements become other values, or
 * it is a set or a map, whose order says nothing.
 */
export class SchemaList extends ListValue {
  readonly #raw: readonly Value[];
  readonly #semantics: ListSemantics;
  #elements: readonly Value[] | undefined;

  constructor(raw: readonly Value[], semantics: ListSemantics) {
    super();
    this.#raw = raw;
    this.#semantics = semantics;
  }

  override get size(): number {
    return this.#raw.length;
  }

  get elements(): readonly Value[] {
    return (this.#elements ??= this.#raw.map((each) => this.#semantics.convert(each)));
  }

  get(index: number): Value {
    return this.#elements?.[index] ?? this.#semantics.convert(this.#raw[index] as Value);
  }

  equals(other: Value, work: Work): boolean {
    if (!isList(other)) return false;
    if (this.#semantics.listType === 'atomic') return equalLists(this, other, work);
    const others = elementsOf(other);
    if (others.length !== this.size) return false;
    const places = new Places(others, this.#semantics, work);
    return this.elements.every((each) => {
      const at = places.find(each);
      return at >= 0 && equals(each, others[at] as Value, work);
    });
  }

  /**
   * `+` as server-side apply would merge: of a set the union; of a map those on the right take the place
   * of those with the same key.
   */
  add(others: readonly Value[], work: Work): Value {
    if (this.#semantics.listType === 'atomic') return [...this.elements, ...others];
    const merged = [...this.elements];
    const places = new Places(merged, this.#semantics, work);
    for (const other of others) {
      const at = places.find(other);
      if (at < 0) places.learn(merged.push(other) - 1);
      else merged[at] = other;
    }
    return new SchemaList(merged, { ...this.#semantics, convert: (element) => element });
  }
}

/** Where the elements of a set or a map are. */
class Places {
  readonly #elements: readonly Value[];
  readonly #semantics: ListSemantics;
  readonly #byName = new Map<unknown, number>();
  readonly #unnamed: number[] = [];
  readonly #work: Work;

  constructor(elements: readonly Value[], semantics: ListSemantics, work: Work) {
    this.#elements = elements;
    this.#semantics = semantics;
    this.#work = work;
    work.take(elements.length);
    for (let at = 0; at < elements.length; at++) this.learn(at);
  }

  learn(at: number): void {
    const name = this.#nameOf(this.#elements[at] as Value);
    if (name === undefined) this.#unnamed.push(at);
    else if (!this.#byName.has(name)) this.#byName.set(name, at);
  }

  /** Where the same element is, of a map the one with the same keys; -1 if nowhere. */
  find(element: Value): number {
    const name = this.#nameOf(element);
    if (name !== undefined) return this.#byName.get(name) ?? -1;
    this.#work.take(this.#unnamed.length);
    return (
      this.#unnamed.find((at) => equals(element, this.#elements[at] as Value, this.#work)) ?? -1
    );
  }

  /** What an element is told from others by; undefined where only comparing tells. */
  #nameOf(element: Value): unknown {
    const { listType, keys } = this.#semantics;
    if (listType === 'set') {
      const isSimple = typeof element === 'string' || typeof element === 'boolean';
      return isSimple || Number.isInteger(element) ? element : undefined;
    }
    if (!isMap(element)) return undefined;
    const values = keys.map((key) => valueAt(element, key) ?? null);
    const isSimple = values.every((each) => each === null || typeof each !== 'object');
    return isSimple ? JSON.stringify(values.map((each) => [typeof each, String(each)])) : undefined;
  }
}
