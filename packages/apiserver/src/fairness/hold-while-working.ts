import { type Clock, type Timer, giveWay } from '@fairway/host';
import { type HttpResponse, onBodyEnd } from '@fairway/protocol';

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
  const hold = new Hold(leave, clock);
  return onBodyEnd({ ...response, body: paced(body, hold) }, () => hold.end());
}

/** Ends by itself when the reader has been waited for too long. */
class Hold {
  readonly #clock: Clock;
  readonly #leave: () => void;
  #isOver = false;
  #leftMs = readerMsMax;
  #sinceMs = 0;
  #timer: Timer | undefined;

  constructor(leave: () => void, clock: Clock) {
    this.#clock = clock;
    this.#leave = leave;
    this.waitForReader();
  }

  waitForReader(): void {
    if (this.#isOver) return;
    this.#sinceMs = this.#clock.elapsed();
    this.#timer = this.#clock.schedule(this.#leftMs, () => this.end());
  }

  readerCame(): void {
    if (this.#isOver) return;
    this.#timer?.cancel();
    this.#leftMs -= this.#clock.elapsed() - this.#sinceMs;
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timer?.cancel();
    this.#leave();
  }
}

function paced(body: AsyncIterable<Uint8Array>, hold: Hold): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const chunks = body[Symbol.asyncIterator]();
      return {
        async next() {
          hold.readerCame();
          // Who runs beside others writes in his turn.
          await giveWay();
          const result = await chunks.next();
          if (result.done !== true) hold.waitForReader();
          return result;
        },
        async return() {
          await chunks.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}
