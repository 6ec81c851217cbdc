import type { Clock } from '@fairway/host';
import { type HttpRequest, readBoolean } from '@fairway/protocol';
import { ConnectionError } from './connection-error.ts';

/**
 * One try to get an answer: it ends when the caller says so, or when a server that should be
 * answering is silent for too long. A slow reader does not count as a silent server.
 */
export class Attempt {
  /** See `isLongRunning`. */
  readonly isLong: boolean;
  readonly #controller = new AbortController();
  readonly #request: HttpRequest;
  readonly #silence: { readonly clock: Clock; readonly silenceMs: number; readonly server: string };
  readonly #onEnd: () => void;
  #timer: { cancel(): void } | undefined;
  #heardAtMs = 0;
  #isWaiting = true;
  readonly #onAbort = (): void => this.#controller.abort(this.#request.signal.reason);

  constructor(
    request: HttpRequest,
    silence: {
      readonly clock: Clock;
      readonly silenceMs: number;
      readonly server: string;
      readonly onEnd?: () => void;
    },
  ) {
    this.#request = request;
    this.isLong = isLongRunning(request);
    this.#onEnd = silence.onEnd ?? (() => {});
    this.#silence = silence;
    if (request.signal.aborted) this.#onAbort();
    else request.signal.addEventListener('abort', this.#onAbort, { once: true });
    if (silence.silenceMs > 0 && !this.isLong) {
      this.#heardAtMs = silence.clock.elapsed();
      this.#listen(silence.silenceMs);
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Ends it for a reason that is not the caller's. */
  abort(reason: ConnectionError): void {
    this.#controller.abort(reason);
  }

  /** The reader wants the next bytes: from now on the server's silence counts. */
  wait(): void {
    if (this.#timer === undefined) return;
    this.#isWaiting = true;
    this.#heardAtMs = this.#silence.clock.elapsed();
  }

  /** The server went on with its answer: the head of it, or more of the body, is there. */
  heard(): void {
    this.#isWaiting = false;
  }

  /** The answer is complete, or of no interest any more. */
  end(): void {
    this.#onEnd();
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#request.signal.removeEventListener('abort', this.#onAbort);
  }

  #listen(delayMs: number): void {
    const { clock, silenceMs, server } = this.#silence;
    this.#timer = clock.schedule(delayMs, () => {
      const silentMs = this.#isWaiting ? clock.elapsed() - this.#heardAtMs : 0;
      if (silentMs < silenceMs) return this.#listen(silenceMs - silentMs);
      this.#controller.abort(
        new ConnectionError({
          problem: 'timeout',
          message: `${server}: nothing came for ${silenceMs} ms after ${this.#request.method} ${this.#request.path}`,
          server,
        }),
      );
    });
  }
}

/** True for a request whose answer goes on for as long as somebody listens. */
export function isLongRunning(request: HttpRequest): boolean {
  const path = decodedPath(request.path);
  if (request.method !== 'GET') return /\/(exec|attach|portforward|proxy)(\/|$)/.test(path);
  return isWatch(request) || asksFor(request, 'follow') || /\/proxy(\/|$)/.test(path);
}

/** True for a request whose answer can be broken off and gone on with. */
export function isWatch(request: HttpRequest): boolean {
  if (request.method !== 'GET') return false;
  // The old way to ask for a watch is a part of the path.
  const isOld = /\/(api|apis\/[^/]+)\/[^/]+\/watch\//.test(decodedPath(request.path));
  return isOld || asksFor(request, 'watch');
}

// The query may come from a client of the proxy, so every spelling that a server understands
// counts.
function asksFor({ query }: HttpRequest, name: 'watch' | 'follow'): boolean {
  if (!query.includes(name) && !query.includes('%')) return false;
  return readBoolean(new URLSearchParams(query), name) === true;
}

function decodedPath(path: string): string {
  if (!path.includes('%')) return path;
  try {
    return decodeURIComponent(path);
  } catch (error) {
    if (error instanceof URIError) return path;
    throw error;
  }
}

/** True when the same bytes can be sent once more. */
export function isResendable({ body }: HttpRequest): boolean {
  return body === undefined || body instanceof Uint8Array;
}

/** Answers what is promised, unless the signal aborts first. */
export function untilAborted<T>(promised: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promised.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
