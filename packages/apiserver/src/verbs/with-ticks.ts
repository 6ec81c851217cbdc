import type { Clock } from '@fairway/host';

/** Comes in between when it is time. */
export const tick: unique symbol = Symbol('tick');

/**
 * The values of `source`, with a tick among them every `intervalMs`, also when nothing else comes.
 * Who reads slowly gets one tick, however many intervals have passed.
 */
export function withTicks<T>(
  source: AsyncIterable<T>,
  { clock, intervalMs }: { readonly clock: Clock; readonly intervalMs: number },
): AsyncIterable<T | typeof tick> {
  return {
    [Symbol.asyncIterator]() {
      const values = source[Symbol.asyncIterator]();
      const ticker = startTicker(clock, intervalMs);
      // Still under way when a tick came first; then it is the next reader's.
      let arriving: Promise<IteratorResult<T>> | undefined;
      return {
        next: () =>
          new Promise<IteratorResult<T | typeof tick>>((resolve, reject) => {
            let isWaiting = true;
            const settle = (tell: () => void): void => {
              if (!isWaiting) return;
              isWaiting = false;
              tell();
            };
            ticker.whenDue(() => settle(() => resolve({ done: false, value: tick })));
            if (!isWaiting) return;
            arriving ??= values.next();
            const arrive = (tell: () => void, isLast: boolean): void =>
              settle(() => {
                arriving = undefined;
                if (isLast) ticker.stop();
                tell();
              });
            arriving.then(
              (result) => arrive(() => resolve(result), result.done === true),
              (error: unknown) => arrive(() => reject(error as Error), true),
            );
          }),
        async return() {
          ticker.stop();
          await values.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}

function startTicker(clock: Clock, intervalMs: number) {
  let isDue = false;
  let tell: (() => void) | undefined;
  const onTime = (): void => {
    timer = clock.schedule(intervalMs, onTime);
    isDue = true;
    if (tell !== undefined) deliver(tell);
  };
  const deliver = (told: () => void): void => {
    isDue = false;
    tell = undefined;
    told();
  };
  let timer = clock.schedule(intervalMs, onTime);
  return {
    /** Calls `told` at the next tick, or at once when one has come since the last. */
    whenDue(told: () => void): void {
      if (isDue) deliver(told);
      else tell = told;
    },
    stop: (): void => timer.cancel(),
  };
}
