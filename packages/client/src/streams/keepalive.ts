import type { Clock, Timer } from '@fairway/host';

/** Sends a ping from time to time, and reports when no answer comes. */
export class Keepalive {
  readonly #options: KeepaliveOptions;
  #heardAtMs: number;
  #isListening = true;
  #timer: Timer | undefined;

  constructor(options: KeepaliveOptions) {
    this.#options = options;
    this.#heardAtMs = options.clock.elapsed();
    this.#wait();
  }

  /** Something came. */
  heard(): void {
    this.#heardAtMs = this.#options.clock.elapsed();
  }

  /** Nothing is read for now, because the consumer is slow: that is not silence. */
  pause(): void {
    this.#isListening = false;
  }

  resume(): void {
    this.#isListening = true;
    this.heard();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #wait(): void {
    const { clock, intervalMs, silenceMs, ping, onSilence } = this.#options;
    this.#timer = clock.schedule(intervalMs, () => {
      if (this.#isListening && clock.elapsed() - this.#heardAtMs >= silenceMs) return onSilence();
      ping();
      this.#wait();
    });
  }
}

export interface KeepaliveOptions {
  readonly clock: Clock;
  readonly intervalMs: number;
  /** So long may nothing come. */
  readonly silenceMs: number;
  readonly ping: () => void;
  readonly onSilence: () => void;
}

/** No answer to several pings: the connection is dead. */
export const silenceMs = 61_000;
