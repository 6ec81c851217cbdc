/** Bytes that arrive in chunks and are taken in the lengths that a format asks for. */
export class ByteAccumulator {
  #buffer = new Uint8Array(0);
  #start = 0;
  #end = 0;

  /** How many bytes wait. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** Adds a copy of a chunk. */
  push(chunk: Uint8Array): void {
    this.#makeRoom(chunk.length);
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** The first `count` bytes, which stay; undefined while there are fewer. Valid until `push`. */
  peek(count: number): Uint8Array | undefined {
    if (this.length < count) return undefined;
    return this.#buffer.subarray(this.#start, this.#start + count);
  }

  /** Removes and answers the first `count` bytes; undefined while there are fewer. */
  take(count: number): Uint8Array | undefined {
    if (this.length < count) return undefined;
    const taken = this.#buffer.slice(this.#start, this.#start + count);
    this.#start += count;
    if (this.#start === this.#end) this.#start = this.#end = 0;
    return taken;
  }

  #makeRoom(count: number): void {
    if (this.#end + count <= this.#buffer.length) return;
    const needed = this.length + count;
    const isRoomy = needed <= this.#buffer.length / 2;
    const target = isRoomy ? this.#buffer : new Uint8Array(Math.max(needed, 1024) * 2);
    target.set(this.#buffer.subarray(this.#start, this.#end));
    this.#end -= this.#start;
    this.#start = 0;
    this.#buffer = target;
  }
}
