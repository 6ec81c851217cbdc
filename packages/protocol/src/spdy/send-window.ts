import type { SpdyError } from './spdy-error.ts';

/** How many bytes one side may still send. Unlimited until the other side says otherwise. */
export class SendWindow {
  #left: number;
  #waiting: (() => void)[] = [];
  #failure: SpdyError | undefined;

  constructor(left: number) {
    this.#left = left;
  }

  /** Gives (or, after a smaller setting, takes back) room. */
  add(count: number): void {
    this.#left += count;
    if (this.#left > 0) this.#wake();
  }

  /** Replaces unlimited by a limit. */
  limit(count: number): void {
    this.#left = count;
  }

  /** All current and later waiters get this error. */
  fail(failure: SpdyError): void {
    this.#failure ??= failure;
    this.#wake();
  }

  /** Takes what there is, up to `count`; perhaps nothing. */
  take(count: number): number {
    const taken = Math.max(0, Math.min(count, this.#left));
    this.#left -= taken;
    return taken;
  }

  /** Resolves as soon as something can be taken. */
  async room(): Promise<void> {
    while (this.#left <= 0 && this.#failure === undefined) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
