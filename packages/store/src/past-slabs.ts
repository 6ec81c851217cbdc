import { mappedBytes } from '@fairway/host';

/** Of one slab. Values of more than an eighth of it have memory of their own. */
export const slabBytes = 256 * 1024;
const sharedBytesMax = slabBytes / 8;

/**
 * Memory for values that are forgotten in the order in which they came.
 *
 * A slab goes back to the system when none of its values is held any more. Because they go in order,
 * at most the two at the ends are held in part, and what the others leave unused is an eighth.
 */
export class PastSlabs {
  #newest = mappedBytes(0);
  #filledBytes = 0;

  /** A copy of the value, in the newest slab. */
  copy(value: Uint8Array): Uint8Array {
    const copy = this.#take(value.length);
    copy.set(value);
    return copy;
  }

  #take(length: number): Uint8Array {
    if (length > sharedBytesMax) return mappedBytes(length);
    if (this.#filledBytes + length > this.#newest.length) {
      this.#newest = mappedBytes(slabBytes);
      this.#filledBytes = 0;
    }
    const start = this.#filledBytes;
    this.#filledBytes += length;
    return this.#newest.subarray(start, this.#filledBytes);
  }
}
