/** Somebody who waits until a version has come. */
interface Waiter {
  readonly version: string;
  readonly resolve: () => void;
  readonly reject: (reason: Error) => void;
}

/**
 * How far a cache has followed its collection, for those who wait until it has what they wrote.
 *
 * Source: KEP-5504, resource versions are whole numbers that can be compared.
 */
export class ReachedVersion {
  #current = '0';
  #end: Error | undefined;
  readonly #waiting = new Set<Waiter>();

  get current(): string {
    return this.#current;
  }

  /** The cache has everything up to this version. */
  advance(version: string): void {
    if (!isComparable(version) || isAtLeast(this.#current, version)) return;
    this.#current = version;
    for (const waiter of this.#waiting) if (isAtLeast(version, waiter.version)) waiter.resolve();
  }

  /** No more will come. */
  end(reason: Error): void {
    this.#end = reason;
    for (const waiter of this.#waiting) waiter.reject(reason);
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
    signal?.throwIfAborted();
    if (isAtLeast(this.#current, version)) return;
    if (this.#end !== undefined) throw this.#end;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { version, resolve, reject };
    const onAbort = (): void => reject(signal?.reason as Error);
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#waiting.add(waiter);
    try {
      await promise;
    } finally {
      this.#waiting.delete(waiter);
      signal?.removeEventListener('abort', onAbort);
    }
  }
}

function isComparable(version: string): boolean {
  return /^(0|[1-9][0-9]*)$/.test(version);
}

/** Both are whole numbers, possibly beyond what a `number` holds. */
function isAtLeast(version: string, other: string): boolean {
  return version.length === other.length ? version >= other : version.length > other.length;
}
