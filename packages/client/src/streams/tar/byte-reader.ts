import { TarError } from './tar-entry.ts';

/** Takes bytes from an iterable in the lengths that are asked for. */
export class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Exactly so many bytes. Errors: `TarError` when they end before. */
  async take(count: number): Promise<Uint8Array> {
    const taken = new Uint8Array(count);
    let at = 0;
    for await (const chunk of this.part(count)) {
      taken.set(chunk, at);
      at += chunk.length;
    }
    return taken;
  }

  /** So many bytes as they come; what was read of them once does not come again. */
  part(count: number): AsyncIterable<Uint8Array> {
    let left = count;
    const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
      if (left === 0) return { done: true, value: undefined };
      const chunk = await this.#some(left);
      left -= chunk.length;
      return { done: false, value: chunk };
    };
    return { [Symbol.asyncIterator]: () => ({ next }) };
  }

  async skip(count: number): Promise<void> {
    for await (const _ of this.part(count));
  }

  /** Reads to the end, so that the sender can finish. */
  async drain(): Promise<undefined> {
    this.#rest = new Uint8Array();
    while ((await this.#source.next()).done !== true);
  }

  async close(): Promise<void> {
    await this.#source.return?.();
  }

  async #some(most: number): Promise<Uint8Array> {
    while (this.#rest.length === 0) {
      const { done, value } = await this.#source.next();
      if (done === true) throw new TarError('the archive ends early');
      this.#rest = value;
    }
    const chunk = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(chunk.length);
    return chunk;
  }
}
