import type { ClientRequest, IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { type Clock, type Timer, messageOf } from '@fairway/host';
import type { HttpBody, HttpHeaders, HttpRequest, HttpResponse } from '@fairway/protocol';
import { AnswerBody } from './answer-body.ts';
import { BackendError } from './backend-error.ts';

export interface ExchangeOptions {
  readonly request: HttpRequest;
  readonly clock: Clock;
  readonly connectTimeoutMs: number;
  readonly stallTimeoutMs: number;
}

/** One request to a backend, and its answer. */
export class Exchange {
  readonly outgoing: ClientRequest;
  /** Errors: `BackendError`, the reason of the request's signal. */
  readonly answer: Promise<HttpResponse>;
  readonly #options: ExchangeOptions;
  #isConnected = false;
  #hasAnswer = false;
  #isReset = false;
  /** Since when, and for whom, is waited. */
  #sinceMs = 0;
  #waitsForCaller = false;
  #timer: Timer | undefined;
  #reject: (failure: unknown) => void = () => {};

  constructor(outgoing: ClientRequest, options: ExchangeOptions) {
    this.outgoing = outgoing;
    this.#options = options;
    const { request } = options;
    this.answer = new Promise((resolve, reject) => {
      this.#reject = reject;
      outgoing.on('response', (incoming) => this.#answered(incoming, resolve));
    });
    const { signal, body } = request;
    const onAbort = (): void => this.#cut(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    outgoing.on('socket', (socket) => this.#connect(socket));
    outgoing.on('error', (cause) => this.#failed(cause));
    outgoing.on('close', () => {
      this.end();
      signal.removeEventListener('abort', onAbort);
      if (!this.#hasAnswer) this.#failed(new Error('the connection was closed'));
    });
    // What is whole waits for the connection by itself.
    if (body === undefined || body instanceof Uint8Array) outgoing.end(body);
  }

  /** True when it failed because a connection that was kept had been closed meanwhile. */
  get isStale(): boolean {
    return this.outgoing.reusedSocket && !this.#hasAnswer && this.#isReset;
  }

  /** Waits for nothing any more. */
  end(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #connect(socket: Socket): void {
    const begin = (): void => {
      this.#isConnected = true;
      this.#await(this.#options.stallTimeoutMs);
      const { body } = this.#options.request;
      if (body === undefined || body instanceof Uint8Array) return;
      this.#sendBody(body).catch((failure: unknown) => this.#cut(failure));
    };
    if (!socket.connecting) return begin();
    socket.once('connect', begin);
    this.#await(this.#options.connectTimeoutMs);
  }

  /** At the pace of both. Nothing of it is taken before there is a connection. */
  async #sendBody(body: Exclude<HttpBody, undefined | Uint8Array>): Promise<void> {
    const { outgoing } = this;
    this.#waitsForCaller = true;
    for await (const chunk of body) {
      this.#moved();
      if (outgoing.destroyed) return;
      if (outgoing.write(chunk)) continue;
      this.#waitsForCaller = false;
      await Promise.race([once(outgoing, 'drain'), once(outgoing, 'close')]);
      this.#moved();
      this.#waitsForCaller = true;
    }
    this.#waitsForCaller = false;
    this.#moved();
    outgoing.end();
    if (this.#hasAnswer) this.end();
  }

  #answered(incoming: IncomingMessage, resolve: (response: HttpResponse) => void): void {
    this.#hasAnswer = true;
    const { statusCode: status = 0, headers } = incoming;
    const head = { status, headers: headers as HttpHeaders };
    // What came in the same packet is there after this turn: most answers as a whole.
    process.nextTick(() => {
      if (!incoming.complete) {
        const body = new AnswerBody(incoming, this.#options);
        // Its reader waits for it from here on; a request may still be on its way.
        if (this.outgoing.writableEnded) this.end();
        return resolve({ ...head, body });
      }
      this.end();
      const whole = incoming.read() as Buffer | null;
      incoming.resume();
      resolve({ ...head, body: whole ?? undefined });
    });
  }

  #moved(): void {
    this.#sinceMs = this.#options.clock.elapsed();
  }

  /** From now on, something has to move within a time. */
  #await(limitMs: number): void {
    const { clock } = this.#options;
    this.#timer?.cancel();
    this.#moved();
    const look = (): void => {
      const leftMs = limitMs - (clock.elapsed() - this.#sinceMs);
      if (leftMs <= 0) this.#cut(this.#tooSlow(limitMs));
      else this.#timer = clock.schedule(leftMs, look);
    };
    this.#timer = clock.schedule(limitMs, look);
  }

  #tooSlow(limitMs: number): BackendError {
    const within = `within ${limitMs / 1000} s`;
    if (!this.#isConnected) {
      return new BackendError('slow', `no connection came about ${within}`, { isUnsent: true });
    }
    return this.#waitsForCaller
      ? new BackendError('caller-slow', `no more of the request came ${within}`)
      : new BackendError('slow', `no answer came ${within}`);
  }

  #failed(cause: unknown): void {
    if (cause instanceof BackendError || this.#options.request.signal.aborted) {
      return this.#reject(cause);
    }
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    this.#isReset ||= code === 'ECONNRESET' || code === 'EPIPE';
    const why = messageOf(cause);
    const problem = this.#isConnected ? 'broken' : 'unreachable';
    this.#reject(new BackendError(problem, why, { isUnsent: !this.#isConnected, cause }));
  }

  #cut(failure: unknown): void {
    this.end();
    this.#reject(failure);
    this.outgoing.destroy(failure instanceof Error ? failure : new Error(String(failure)));
  }
}
