import { type Clock, type Timer, giveWay } from '@fairway/host';
import type { EndingBody, HttpResponse } from '@fairway/protocol';

/** How long in all a reader may be waited for. */
const readerMsMax = 1_000;

/**
 * The same response; `leave` is called when the server has no more work with it: at once for a body that is
 * there already, and for a stream at its end, or when its reader has been waited for too long, so that
 * who reads slowly, or not at all, keeps no one else from his turn.
 */
export function holdWhileWorking(
  response: HttpResponse,
  leave: () => void,
  clock: Clock,
): HttpResponse {
  const { body } = response;
  if (body === undefined || body instanceof Uint8Array) {
    leave();
    return response;
  }
  return { ...response, body: new PacedBody(body, { leave, clock }) };
}

class PacedBody implements EndingBody {
  readonly #body: AsyncIterable<Uint8Array>;
  readonly #clock: Clock;
  readonly #leave: () => void;
  #hasLeft = false;
  #leftMs = readerMsMax;
  #sinceMs: number;
  #timer: Timer;
  #isEnded = false;
  #runs: (() => void)[] = [];

  constructor(
    body: AsyncIterable<Uint8Array>,
    { leave, clock }: { readonly leave: () => void; readonly clock: Clock },
  ) {
    this.#body = body;
    this.#clock = clock;
    this.#leave = leave;
    this.#sinceMs = clock.elapsed();
    this.#timer = clock.schedule(this.#leftMs, () => this.#end(false));
    if ('whenEnded' in body) (body as EndingBody).whenEnded(() => this.#end(true));
  }

  whenEnded(run: () => void): void {
    if (this.#isEnded) run();
    else this.#runs.push(run);
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    const iterator = this.#body[Symbol.asyncIterator]();
    const seen = (result: IteratorResult<Uint8Array>): IteratorResult<Uint8Array> => {
      if (result.done === true) this.#end(true);
      else this.#waitForReader();
      return result;
    };
    const failed = (error: unknown): never => {
      this.#end(true);
      throw error;
    };
    return {
      next: async () => {
        this.#readerCame();
        // Who runs beside others writes in his turn.
        await giveWay();
        return iterator.next().then(seen, failed);
      },
      return: async () => {
        this.#end(true);
        await iterator.return?.();
        return { done: true, value: undefined };
      },
    };
  }

  #waitForReader(): void {
    if (this.#hasLeft) return;
    this.#sinceMs = this.#clock.elapsed();
    this.#timer = this.#clock.schedule(this.#leftMs, () => this.#end(false));
  }

  #readerCame(): void {
    if (this.#hasLeft) return;
    this.#timer.cancel();
    this.#leftMs -= this.#clock.elapsed() - this.#sinceMs;
  }

  /** Of the body itself, or of what others wait for because of it. */
  #end(isOver: boolean): void {
    if (!this.#hasLeft) {
      this.#hasLeft = true;
      this.#timer.cancel();
      this.#leave();
    }
    if (!isOver || this.#isEnded) return;
    this.#isEnded = true;
    for (const run of this.#runs) run();
    this.#runs = [];
  }
}
