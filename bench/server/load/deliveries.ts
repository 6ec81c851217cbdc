/** Counts watch events by the line breaks that end them. */
export class Deliveries {
  #count = 0;
  #wanted = Infinity;
  #onReached = (): void => {};

  add(chunk: Buffer): void {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) this.#count++;
    if (this.#count >= this.#wanted) this.#onReached();
  }

  async reached(count: number): Promise<void> {
    this.#wanted = count;
    if (this.#count >= count) return;
    await new Promise<void>((resolve) => (this.#onReached = resolve));
  }
}
