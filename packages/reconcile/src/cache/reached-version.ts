import { Waiters } from './waiters.ts';

/**
 * How far a cache has followed its collection, for those who wait until it has what they wrote.
 *
 * Source: KEP-5504, resource versions are whole numbers that can be compared.
 */
export class ReachedVersion {
  #current = '0';
  readonly #waiters = new Waiters();

  get current(): string {
    return this.#current;
  }

  /** The cache has everything up to this version. */
  advance(version: string): void {
    if (!isComparable(version) || isAtLeast(this.#current, version)) return;
    this.#current = version;
    this.#waiters.look();
  }

  /** No more will come. */
  end(reason: Error): void {
    this.#waiters.end(reason);
  }

  /**
   * Resolves when the cache has everything up to a version.
   *
   * Errors: the reason of the signal or of the end; `RangeError` for what is no version.
   */
  async wait(version: string, signal?: AbortSignal): Promise<void> {
    if (!isComparable(version)) {
      throw new RangeError(`"${version}" is no resourceVersion that can be compared`);
    }
    await this.#waiters.wait(() => isAtLeast(this.#current, version), signal);
  }
}

function isComparable(version: string): boolean {
  return /^(0|[1-9][0-9]*)$/.test(version);
}

/** Both are whole numbers, possibly beyond what a `number` holds. */
function isAtLeast(version: string, other: string): boolean {
  return version.length === other.length ? version >= other : version.length > other.length;
}
