/** Things in an order that can be taken out first to last, and from anywhere. Each is in it once. */
export class Heap<T extends object> {
  readonly #isBefore: (one: T, other: T) => boolean;
  readonly #heap: T[] = [];
  readonly #places = new Map<T, number>();

  constructor(isBefore: (one: T, other: T) => boolean) {
    this.#isBefore = isBefore;
  }

  get size(): number {
    return this.#heap.length;
  }

  get first(): T | undefined {
    return this.#heap[0];
  }

  add(item: T): void {
    if (this.#places.has(item)) throw new Error('it is in the heap already');
    this.#put(item, this.#heap.length);
    this.#rise(item);
  }

  /** False: it was not in the heap. */
  delete(item: T): boolean {
    const place = this.#places.get(item);
    if (place === undefined) return false;
    const last = this.#heap.pop();
    this.#places.delete(item);
    if (last !== undefined && last !== item) {
      this.#put(last, place);
      this.#rise(last);
      this.#sink(last);
    }
    return true;
  }

  #put(item: T, place: number): void {
    this.#heap[place] = item;
    this.#places.set(item, place);
  }

  #rise(item: T): void {
    for (;;) {
      const place = this.#places.get(item) ?? 0;
      const parent = this.#heap[(place - 1) >> 1];
      if (parent === undefined || place === 0 || !this.#isBefore(item, parent)) return;
      this.#put(parent, place);
      this.#put(item, (place - 1) >> 1);
    }
  }

  #sink(item: T): void {
    for (;;) {
      const place = this.#places.get(item) ?? 0;
      const left = this.#heap[place * 2 + 1];
      const right = this.#heap[place * 2 + 2];
      const isRight = left !== undefined && right !== undefined && this.#isBefore(right, left);
      const child = isRight ? right : left;
      if (child === undefined || !this.#isBefore(child, item)) return;
      this.#put(child, place);
      this.#put(item, place * 2 + (isRight ? 2 : 1));
    }
  }
}
