import type { Clock } from '@fairway/host';
import type { HttpRequest, HttpResponse, Handler, KubernetesObject } from '@fairway/protocol';
import { ConnectionError } from '../transport/connection-error.ts';
import type { EventStream, ObjectEvent } from '../resource/watch-connection.ts';

export interface TimedEventsOptions<T extends KubernetesObject> {
  readonly clock: Clock;
  readonly transport: Handler;
  /** Opens a watch over the transport that it is given, until the signal aborts. */
  readonly open: (transport: Handler, signal: AbortSignal) => EventStream<T>;
  /** The client ends the watch after this long, even if the server does not. */
  readonly lifetimeMs: number;
  /** Ends the watch at once. */
  readonly signal: AbortSignal;
}

/**
 * The events of one watch that cannot outlive its time: a server that has gone without a word, or a
 * transport that does not notice, only costs the rest of that time.
 */
export class TimedEvents<T extends KubernetesObject> {
  readonly #batches: AsyncGenerator<readonly ObjectEvent<T>[], void, undefined>;
  readonly #ending = new AbortController();
  readonly #stopWaiting: () => void;
  #failPending: (reason: unknown) => void = () => {};
  #isAccepted = false;

  constructor(options: TimedEventsOptions<T>) {
    const { clock, transport, open, lifetimeMs, signal } = options;
    const observed = async (request: HttpRequest): Promise<HttpResponse> => {
      const response = await transport(request);
      this.#isAccepted = response.status === 200;
      return response;
    };
    this.#batches = open(observed, this.#ending.signal).batches();
    const timer = clock.schedule(lifetimeMs, () => this.#end(overdue(lifetimeMs)));
    const onAbort = (): void => this.#end(signal.reason);
    this.#stopWaiting = () => {
      timer.cancel();
      signal.removeEventListener('abort', onAbort);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  }

  /** True once the server has agreed to the watch: what fails later fails in the stream. */
  get isAccepted(): boolean {
    return this.#isAccepted;
  }

  /** The events that came next, at least one; undefined when the server has ended the watch. */
  next(): Promise<readonly ObjectEvent<T>[] | undefined> {
    return new Promise((resolve, reject) => {
      if (this.#ending.signal.aborted) return reject(this.#ending.signal.reason as Error);
      this.#failPending = reject;
      this.#batches.next().then(({ value }) => resolve(value ?? undefined), reject);
    });
  }

  /** Lets go of the connection. */
  close(): void {
    this.#end(new Error('the watch was closed'));
  }

  #end(reason: unknown): void {
    this.#stopWaiting();
    this.#ending.abort(reason);
    this.#failPending(reason);
    // A generator that hangs in a dead connection is not waited for; it ends with the connection.
    this.#batches.return().catch(() => undefined);
  }
}

function overdue(lifetimeMs: number): ConnectionError {
  return new ConnectionError({
    problem: 'timeout',
    message: `the server did not end the watch that it was asked to end, ${Math.round(lifetimeMs / 1000)} s after its begin`,
  });
}
