interface Waiter {
  readonly isReached: () => boolean;
  readonly resolve: () => void;
  readonly reject: (reason: Error) => void;
}

/** Those who wait until something has come about. */
export class Waiters {
  readonly #waiting = new Set<Waiter>();
  #end: Error | undefined;

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** Something has changed: lets those go on who waited for it. */
  look(): void {
    for (const waiter of this.#waiting) if (waiter.isReached()) waiter.resolve();
  }

  /** Nothing will change any more. */
  end(reason: Error): void {
    this.#end = reason;
    for (const waiter of this.#waiting) waiter.reject(reason);
  }

  /** Resolves when `isReached`. Errors: the reason of the signal or of the end. */
  async wait(isReached: () => boolean, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (isReached()) return;
    if (this.#end !== undefined) throw this.#end;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { isReached, resolve, reject };
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
