import { ByteQueue } from '../byte-queue.ts';
import type { HttpHeaders } from '../http-message.ts';
import { SendWindow } from './send-window.ts';
import { SpdyError } from './spdy-error.ts';
import { spdyResetStatus } from './spdy-frame.ts';

/** What a stream needs of the connection that it is part of. */
export interface StreamCarrier {
  sendData(stream: SpdyStream, bytes: Uint8Array, isFinal: boolean): Promise<void>;
  sendReply(stream: SpdyStream, headers: HttpHeaders): Promise<void>;
  sendReset(stream: SpdyStream, status: number): Promise<void>;
  /** The reader has taken so many bytes. */
  taken(stream: SpdyStream, count: number): void;
  /** Both directions are over. */
  forget(stream: SpdyStream): void;
}

/** One of the streams of a SPDY connection: bytes in both directions, each with an end of its own. */
export class SpdyStream {
  readonly id: number;
  /** What it was opened with. */
  readonly headers: HttpHeaders;
  /** Resolves with the headers of the other side's answer. */
  readonly replied: Promise<HttpHeaders>;
  /** @internal Bookkeeping of the connection. */
  readonly window: SendWindow;
  readonly #carrier: StreamCarrier;
  readonly #incoming: ByteQueue;
  readonly #settleReply: { resolve(headers: HttpHeaders): void; reject(reason: unknown): void };
  #isSendingOver = false;
  #isReceivingOver = false;

  constructor(
    carrier: StreamCarrier,
    start: {
      readonly id: number;
      readonly headers: HttpHeaders;
      readonly sendWindow: number;
      readonly waitingBytesMax: number;
    },
  ) {
    this.#carrier = carrier;
    this.id = start.id;
    this.headers = start.headers;
    this.window = new SendWindow(start.sendWindow);
    this.#incoming = new ByteQueue({
      bytesMax: start.waitingBytesMax,
      onTaken: (count) => carrier.taken(this, count),
    });
    const { promise, resolve, reject } = Promise.withResolvers<HttpHeaders>();
    this.replied = promise;
    this.replied.catch(() => {}); // Not everybody waits for it.
    this.#settleReply = { resolve, reject };
  }

  /** What the other side sends, at the pace of its reader. Errors: `SpdyError`. */
  get bytes(): AsyncIterable<Uint8Array> {
    return this.#incoming;
  }

  get isReceivingOver(): boolean {
    return this.#isReceivingOver;
  }

  /** Accepts a stream that the other side opened. Before this, nothing can be sent over it. */
  async reply(headers: HttpHeaders = {}): Promise<void> {
    await this.#carrier.sendReply(this, headers);
  }

  /** Sends bytes, as soon as the other side and the connection take them. Errors: `SpdyError`. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#isSendingOver) throw new SpdyError('reset', `stream ${this.id} takes no more bytes`);
    await this.#carrier.sendData(this, bytes, false);
  }

  /** Says that nothing more will be sent. The other direction goes on. */
  async end(): Promise<void> {
    if (this.#isSendingOver) return;
    this.#isSendingOver = true;
    await this.#carrier.sendData(this, new Uint8Array(), true);
    if (this.#isReceivingOver) this.#carrier.forget(this);
  }

  /** Ends both directions at once; what is under way is lost. */
  async reset(status: number = spdyResetStatus.cancel): Promise<void> {
    if (this.#isSendingOver && this.#isReceivingOver) return;
    this.fail(new SpdyError('reset', `stream ${this.id} was reset here`, { status }));
    await this.#carrier.sendReset(this, status);
  }

  /** @internal Bytes came. Resolves when there is room for more. */
  async receive(bytes: Uint8Array, isFinal: boolean): Promise<void> {
    this.#incoming.push(bytes);
    if (!isFinal) return await this.#incoming.room();
    this.#isReceivingOver = true;
    this.#incoming.end();
    if (this.#isSendingOver) this.#carrier.forget(this);
  }

  /** @internal The other side answered. */
  accept(headers: HttpHeaders): void {
    this.#settleReply.resolve(headers);
  }

  /** @internal Both directions are over, because of an error. */
  fail(failure: SpdyError): void {
    this.#isSendingOver = true;
    this.#isReceivingOver = true;
    this.#settleReply.reject(failure);
    this.#incoming.fail(failure);
    this.window.fail(failure);
    this.#carrier.forget(this);
  }
}
