import type { HttpBody, HttpResponse } from '@fairway/protocol';
import { type AnswerHead, MalformedAnswerError } from '../http1/answer-head.ts';
import { type AnswerListener, AnswerReader } from '../http1/answer-reader.ts';
import { AnswerBody, type BodySource } from './answer-body.ts';
import type { Attempt } from './attempt.ts';
import { explainFailure } from './explain-failure.ts';
import { cutShort } from './read-stream.ts';

/** What an exchange may do to the connection that carries it. */
export interface ExchangePlace {
  readonly server: string;
  /** See `ConnectionLimits`. */
  readonly waitingBytesMax: number | undefined;
  pause(): void;
  resume(): void;
  /** The answer is complete. `isKept`: another request may follow. */
  release(isKept: boolean): void;
  /** The answer was a 101. `begun`: what came behind it, and belongs to the new protocol. */
  switch(begun: Buffer): void;
  cut(): void;
}

/** One request on a connection, and the answer to it, which comes as `read` is called. */
export class Http1Exchange implements AnswerListener, BodySource {
  readonly answer: Promise<HttpResponse>;
  readonly #place: ExchangePlace;
  readonly #attempt: Attempt;
  readonly #isUpgrade: boolean;
  readonly #reader: AnswerReader;
  readonly #resolve: (response: HttpResponse) => void;
  readonly #reject: (failure: unknown) => void;
  readonly #onAbort = (): void => this.fail(this.#attempt.signal.reason);
  #head: AnswerHead | undefined;
  /** What has come of the body before the answer was handed out. */
  #data: Buffer[] = [];
  #body: AnswerBody | undefined;
  /** What followed the end of the answer; undefined: that has not come yet. */
  #rest: Buffer | undefined;
  #isOver = false;
  #whenOver: (() => void) | undefined;

  constructor(
    request: { readonly method: string; readonly isUpgrade: boolean },
    attempt: Attempt,
    place: ExchangePlace,
  ) {
    this.#place = place;
    this.#attempt = attempt;
    this.#isUpgrade = request.isUpgrade;
    this.#reader = new AnswerReader(request.method, this);
    const { promise, resolve, reject } = Promise.withResolvers<HttpResponse>();
    this.answer = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    attempt.signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Calls `run` when the exchange is over, however it ended: nobody needs the rest of the request. */
  whenOver(run: () => void): void {
    if (this.#isOver) run();
    else this.#whenOver = run;
  }

  read(bytes: Buffer): void {
    try {
      this.#reader.push(bytes);
    } catch (error) {
      // The same for what comes at once and what comes in two parts.
      if (this.#head !== undefined) this.#handOutHead(this.#head);
      return this.fail(error);
    }
    this.#proceed();
  }

  /** The server has closed its side of the connection, which ends some answers and cuts the others. */
  end(): void {
    if (this.#isOver) return;
    if (this.#reader.end()) this.#proceed();
    // A stream that is no socket may stay half-open.
    else this.fail(cutShort());
  }

  /** There will be no answer, or no more of it. */
  fail(cause: unknown): void {
    if (this.#isOver) return;
    this.#finish();
    this.#place.cut();
    const { signal } = this.#attempt;
    const { server } = this.#place;
    const failure: unknown = signal.aborted ? signal.reason : explainFailure(cause, { server });
    if (this.#body === undefined) this.#reject(failure);
    else this.#body.fail(failure);
  }

  onHead(head: AnswerHead): void {
    if (head.status === 101 && !this.#isUpgrade) {
      throw new MalformedAnswerError('it changes the protocol, which nobody asked for');
    }
    this.#head = head;
  }

  onData(data: Buffer): void {
    if (this.#body === undefined) return void this.#data.push(data);
    this.#attempt.heard();
    this.#body.push(data);
  }

  onEnd(rest: Buffer): void {
    this.#rest = rest;
  }

  pause(): void {
    this.#place.pause();
  }

  resume(): void {
    this.#place.resume();
  }

  leave(): void {
    if (this.#isOver) return;
    this.#finish();
    this.#place.cut();
  }

  #proceed(): void {
    const head = this.#head;
    if (head === undefined || this.#isOver) return;
    if (this.#rest === undefined) return this.#handOutHead(head);
    this.#finish();
    if (head.status === 101) this.#place.switch(this.#rest);
    else this.#place.release(head.isKept && this.#rest.length === 0);
    if (this.#body !== undefined) return this.#body.end();
    this.#attempt.end();
    this.#resolve(responseOf(head, wholeBody(this.#data)));
  }

  // What is there in one piece needs no stream.
  #handOutHead(head: AnswerHead): void {
    if (this.#body !== undefined) return;
    this.#attempt.heard();
    const { waitingBytesMax } = this.#place;
    const body = new AnswerBody(this, this.#attempt, { waitingBytesMax });
    this.#body = body;
    for (const data of this.#data) body.push(data);
    this.#data = [];
    this.#resolve(responseOf(head, body));
  }

  #finish(): void {
    this.#isOver = true;
    this.#attempt.signal.removeEventListener('abort', this.#onAbort);
    this.#whenOver?.();
  }
}

function responseOf({ status, headers }: AnswerHead, body: HttpBody): HttpResponse {
  return { status, headers, body };
}

function wholeBody(data: readonly Buffer[]): Uint8Array | undefined {
  return data.length > 1 ? Buffer.concat(data) : data[0];
}
