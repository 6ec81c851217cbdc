import { equalLists, equals } from './equality.ts';
import { ListValue, type Value, elementsOf, isList, isMap, valueAt } from './value.ts';
import { takeWork } from './work.ts';

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

  equals(other: Value): boolean {
    if (!isList(other)) return false;
    if (this.#semantics.listType === 'atomic') return equalLists(this, other);
    const others = elementsOf(other);
    if (others.length !== this.size) return false;
    takeWork(this.size * others.length);
    return this.elements.every((each) => others.some((another) => equals(each, another)));
  }

  /**
   * `+` as server-side apply would merge: of a set the union; of a map those on the right take the place
   * of those with the same key.
   */
  add(others: readonly Value[]): Value {
    const { listType } = this.#semantics;
    if (listType === 'atomic') return [...this.elements, ...others];
    const isSame = listType === 'set' ? equals : this.#haveSameKey.bind(this);
    takeWork(this.size * others.length);
    const merged = [...this.elements];
    for (const other of others) {
      const at = merged.findIndex((each) => isSame(each, other));
      if (at < 0) merged.push(other);
      else merged[at] = other;
    }
    return new SchemaList(merged, { ...this.#semantics, convert: (element) => element });
  }

  #haveSameKey(one: Value, other: Value): boolean {
    if (!isMap(one) || !isMap(other)) return false;
    return this.#semantics.keys.every((key) => {
      const value = valueAt(one, key) ?? null;
      return equals(value, valueAt(other, key) ?? null);
    });
  }
}
