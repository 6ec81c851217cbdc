import { equals } from './equality.ts';
import { MapValue, type Value } from './value.ts';
import type { Work } from './work.ts';

/** An object that an expression makes: `Object.spec{replicas: 3}`, `JSONPatch{op: 'test', …}`. */
export class ObjectValue extends MapValue {
  readonly #typeName: string;
  readonly fields: ReadonlyMap<string, Value>;

  constructor(typeName: string, fields: ReadonlyMap<string, Value>) {
    super();
    this.#typeName = typeName;
    this.fields = fields;
  }

  override get typeName(): string {
    return this.#typeName;
  }

  override get size(): number {
    return this.fields.size;
  }

  get(key: Value): Value | undefined {
    return typeof key === 'string' ? this.fields.get(key) : undefined;
  }

  keys(): readonly Value[] {
    return [...this.fields.keys()];
  }

  equals(other: Value, work: Work): boolean {
    if (!(other instanceof ObjectValue) || other.typeName !== this.#typeName) return false;
    if (other.fields.size !== this.fields.size) return false;
    work.take(this.fields.size);
    for (const [name, value] of this.fields) {
      const found = other.fields.get(name);
      if (found === undefined || !equals(value, found, work)) return false;
    }
    return true;
  }
}
