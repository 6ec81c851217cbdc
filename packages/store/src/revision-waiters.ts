interface Waiter {
  readonly revision: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Those who wait until a store has reached a revision. */
export class RevisionWaiters {
  readonly #waiters = new Set<Waiter>();

  /** Resolves once `advance` has come to `revision`; rejects with the signal's reason. */
  wait(revision: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const onAbort = (): void => waiter.reject(signal.reason);
      const leave = (): void => {
        signal.removeEventListener('abort', onAbort);
        this.#waiters.delete(waiter);
      };
      const waiter: Waiter = {
        revision,
        resolve: () => {
          leave();
          resolve();
        },
        reject: (error) => {
          leave();
          reject(error as Error);
        },
      };
      this.#waiters.add(waiter);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  advance(revision: number): void {
    if (this.#waiters.size === 0) return;
    for (const waiter of this.#waiters) if (waiter.revision <= revision) waiter.resolve();
  }

  end(error: Error): void {
    for (const waiter of this.#waiters) waiter.reject(error);
  }
}
