import type { Clock, Timer } from '@fairway/host';
import type { ReconcileSource } from '@fairway/reconcile';

/** Keys that come to work a moment after they were added, each once however often it was. */
export class GatheredKeys {
  readonly #clock: Clock;
  readonly #gatherMs: number;
  readonly #keys = new Set<string>();
  #timer: Timer | undefined;
  #enqueue = (_key: string): void => {};

  constructor(clock: Clock, gatherMs: number) {
    this.#clock = clock;
    this.#gatherMs = gatherMs;
  }

  add(key: string): void {
    this.#keys.add(key);
    this.#timer ??= this.#clock.schedule(this.#gatherMs, () => this.#flush());
  }

  #flush(): void {
    this.#timer = undefined;
    for (const key of this.#keys) this.#enqueue(key);
    this.#keys.clear();
  }

  /** Ends with the signal. */
  source(signal: AbortSignal): ReconcileSource {
    const ended = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => ended.resolve(), { once: true });
    return {
      name: 'gathered keys',
      synced: Promise.resolve(),
      ended: ended.promise,
      start: (enqueue) => {
        this.#enqueue = enqueue;
        return () => this.#stop();
      },
    };
  }

  #stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#enqueue = () => {};
  }
}
