/** Keys in the order in which they are due. A key is in it once, with its earliest time. */
export class DelayHeap {
  readonly #heap: Delayed[] = [];
  readonly #byKey = new Map<string, Delayed>();

  get size(): number {
    return this.#heap.length;
  }

  /** When the first key is due; undefined when there is none. */
  get nextDueMs(): number | undefined {
    return this.#heap[0]?.dueMs;
  }

  /** Adds a key, or moves it forward; never back. */
  add(key: string, dueMs: number): void {
    const known = this.#byKey.get(key);
    if (known === undefined) {
      const added = { key, dueMs, place: this.#heap.length };
      this.#byKey.set(key, added);
      this.#heap.push(added);
      this.#rise(added);
    } else if (dueMs < known.dueMs) {
      known.dueMs = dueMs;
      this.#rise(known);
    }
  }

  /** Takes out the first key that is due. */
  takeDue(nowMs: number): string | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.dueMs > nowMs) return undefined;
    const last = this.#heap.pop();
    this.#byKey.delete(first.key);
    if (last !== undefined && last !== first) {
      this.#put(last, 0);
      this.#sink(last);
    }
    return first.key;
  }

  #rise(each: Delayed): void {
    while (each.place > 0) {
      const parent = this.#heap[(each.place - 1) >> 1];
      if (parent === undefined || parent.dueMs <= each.dueMs) return;
      this.#swap(each, parent);
    }
  }

  #sink(each: Delayed): void {
    for (;;) {
      const left = this.#heap[each.place * 2 + 1];
      const right = this.#heap[each.place * 2 + 2];
      const first =
        right !== undefined && left !== undefined && right.dueMs < left.dueMs ? right : left;
      if (first === undefined || first.dueMs >= each.dueMs) return;
      this.#swap(first, each);
    }
  }

  #swap(lower: Delayed, upper: Delayed): void {
    const place = lower.place;
    this.#put(lower, upper.place);
    this.#put(upper, place);
  }

  #put(each: Delayed, place: number): void {
    each.place = place;
    this.#heap[place] = each;
  }
}

interface Delayed {
  readonly key: string;
  dueMs: number;
  place: number;
}
