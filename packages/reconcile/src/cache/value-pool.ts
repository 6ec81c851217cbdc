/**
 * Keeps one copy of values that come again and again: images and node names, and whole parts of
 * objects, such as the tolerations that all pods have. An object that was just decoded has its own
 * copy of each.
 *
 * Bound: the values of the last two rounds of `countMax`. What is rare is forgotten, and costs one
 * more copy when it comes again.
 */
export class ValuePool {
  readonly #strings: Rounds<string, PooledString>;
  readonly #parts: Rounds<number, object>;
  #lastId = 0;
  /** Of the value that was visited last. */
  #hash = 0;
  /** The value that was visited last holds something that was never seen before. */
  #isNew = false;

  constructor({ countMax = 4_096 }: { readonly countMax?: number } = {}) {
    this.#strings = new Rounds(countMax);
    this.#parts = new Rounds(countMax);
  }

  /** Replaces what is within an object by equal values of the pool. No reader can tell. */
  intern(object: object): void {
    this.#visitFields(object as Record<string, unknown>);
  }

  #visit(value: unknown): unknown {
    if (typeof value === 'string') return this.#visitString(value);
    this.#isNew = false;
    if (typeof value !== 'object' || value === null) {
      this.#hash = typeof value === 'number' ? value | 0 : value === true ? 1 : 2;
      return value;
    }
    if (Array.isArray(value)) this.#visitElements(value);
    else this.#visitFields(value as Record<string, unknown>);
    // What holds something new cannot be equal to anything that was seen before.
    if (this.#isNew) return value;
    const known = this.#parts.get(this.#hash);
    if (known !== undefined && hasSameFields(known, value)) return known;
    this.#parts.set(this.#hash, value);
    return value;
  }

  #visitElements(elements: unknown[]): void {
    let hash = 19;
    let isNew = false;
    for (let at = 0; at < elements.length; at++) {
      elements[at] = this.#visit(elements[at]);
      hash = (Math.imul(hash, 31) + this.#hash) | 0;
      isNew ||= this.#isNew;
    }
    this.#hash = hash;
    this.#isNew = isNew;
  }

  #visitFields(fields: Record<string, unknown>): void {
    let hash = 17;
    let isNew = false;
    for (const name in fields) {
      const before = fields[name];
      const after = this.#visit(before);
      if (after !== before || typeof before === 'string') fields[name] = after;
      hash = (Math.imul(hash, 31) + this.#hash) | 0;
      isNew ||= this.#isNew;
    }
    this.#hash = hash;
    this.#isNew = isNew;
  }

  #visitString(text: string): string {
    const known = this.#strings.get(text);
    this.#isNew = known === undefined;
    if (known !== undefined) {
      this.#hash = known.id;
      return known.text;
    }
    // Long texts are hardly ever the same.
    if (text.length <= lengthMax) this.#strings.set(text, { text, id: ++this.#lastId });
    return text;
  }
}

const lengthMax = 256;

interface PooledString {
  readonly text: string;
  readonly id: number;
}

/** What was set or used in this round or the last one; a round is over when it is full. */
class Rounds<Key, Value> {
  readonly #countMax: number;
  #current = new Map<Key, Value>();
  #last = new Map<Key, Value>();

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  get(key: Key): Value | undefined {
    const value = this.#current.get(key);
    if (value !== undefined) return value;
    const older = this.#last.get(key);
    if (older !== undefined) this.set(key, older);
    return older;
  }

  set(key: Key, value: Value): void {
    if (this.#current.size >= this.#countMax) {
      this.#last = this.#current;
      this.#current = new Map();
    }
    this.#current.set(key, value);
  }
}

/** Parts within are of the pool already, so equal ones are the same. */
function hasSameFields(one: object, other: object): boolean {
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const [first, second] = [one as Record<string, unknown>, other as Record<string, unknown>];
  const names = Object.keys(first);
  const otherNames = Object.keys(second);
  // In the same order, too: what is written out again must be as it came.
  return (
    names.length === otherNames.length &&
    names.every((name, at) => otherNames[at] === name && first[name] === second[name])
  );
}
