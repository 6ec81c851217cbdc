import {
  type JsonDraft,
  type JsonObject,
  type JsonValue,
  type Schema,
  fieldOf,
  isJsonObject,
  setField,
} from '@fairway/protocol';

const texts = ['', 'a', 'b', 'B', 'é', 'a"b', '1', '10', '9', '__proto__'];
const scalars = [...texts, 1, 10, 9, true, false, null];

/** For tests: draws objects that mostly fit a schema, the same for the same seed. */
export class Drawing {
  #state: number;
  #valuesLeft = 150;

  constructor(seed: number) {
    this.#state = seed;
  }

  object(schema: Schema): JsonObject {
    const object: JsonDraft = {};
    const { properties, additionalProperties } = schema;
    const known = [...(properties?.keys() ?? [])];
    for (let count = this.#below(9); count > 0; count--) {
      const name = this.#oneOf(known.length === 0 || this.#below(16) === 0 ? texts : known);
      const below = properties?.get(name) ?? additionalProperties;
      setField(object, name, this.#value(below ?? { preservesUnknownFields: true }));
    }
    return object;
  }

  /** An object of which each part is as in one or the other, or mixed of both. */
  mixed(one: JsonValue, other: JsonValue): JsonValue {
    const isMixed = isJsonObject(one) && isJsonObject(other) && this.#below(3) > 0;
    if (!isMixed) return this.#oneOf([one, other]);
    const object: JsonDraft = {};
    for (const name of new Set([...Object.keys(one), ...Object.keys(other)])) {
      const [left, right] = [fieldOf(one, name), fieldOf(other, name)];
      if (left !== undefined && right !== undefined)
        setField(object, name, this.mixed(left, right));
      else if (this.#below(2) === 0) setField(object, name, left ?? right ?? null);
    }
    return object;
  }

  #value(schema: Schema): JsonValue {
    if (this.#valuesLeft-- <= 0 || this.#below(16) === 0) return this.#oneOf(scalars);
    switch (schema.type ?? this.#oneOf(['object', 'array', 'string'])) {
      case 'object':
        return this.object(schema);
      case 'array':
        return Array.from({ length: this.#below(5) }, () => this.#value(schema.items ?? {}));
      default:
        return this.#oneOf(scalars);
    }
  }

  #oneOf<Value>(values: readonly Value[]): Value {
    return values[this.#below(values.length)] as Value;
  }

  #below(limit: number): number {
    this.#state =
      (Math.imul(this.#state ^ (this.#state >>> 15), 2_246_822_519) + 374_761_393) >>> 0;
    return (this.#state >>> 8) % limit;
  }
}
