/** Time as an argument: code that waits or needs the date takes a `Clock`. */
export interface Clock {
  /** Milliseconds since 1970, as the wall clock has it; may jump. */
  now(): number;
  /** Milliseconds from an arbitrary start; never jumps. For measuring and deadlines. */
  elapsed(): number;
  /** Calls `run` once after `delayMs`. Does not keep the process alive, unless it is asked to. */
  schedule(delayMs: number, run: () => void, options?: { readonly keepsAlive?: boolean }): Timer;
}

export interface Timer {
  cancel(): void;
}

/** Resolves after `delayMs`, or rejects with the signal's reason as soon as it aborts. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    // A caller awaits this: if the process ended meanwhile, the code after it would not run.
    const wake = (): void => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    };
    const timer = clock.schedule(delayMs, wake, { keepsAlive: true });
    function onAbort(): void {
      timer.cancel();
      reject(signal?.reason as Error);
    }
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** Ends what takes too long; to be disposed of when that is over. */
export interface TimeLimit extends Disposable {
  readonly signal: AbortSignal;
}

/** A signal that aborts with `late()` once `limitMs` have passed, and as `signal` does before that. */
export function timeLimit(
  clock: Clock,
  limitMs: number,
  { late, signal }: { readonly late: () => Error; readonly signal?: AbortSignal },
): TimeLimit {
  const controller = new AbortController();
  const timer = clock.schedule(limitMs, () => controller.abort(late()));
  return {
    signal: signal === undefined ? controller.signal : AbortSignal.any([signal, controller.signal]),
    [Symbol.dispose]: () => timer.cancel(),
  };
}
