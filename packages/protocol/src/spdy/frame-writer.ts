import type { HttpHeaders } from '../http-message.ts';
import { encodeSpdyFrame } from './encode-spdy-frame.ts';
import { type HeaderCompression, encodeHeaderBlock } from './header-block.ts';
import type { SpdyError } from './spdy-error.ts';
import type { SpdyFrame } from './spdy-frame.ts';

/** So many answers to pings and refusals may wait to be sent. */
const unsentAnswersMax = 64;

export interface FrameWriterOptions {
  /** Sends bytes, in the order of the calls. Resolves when the connection can take more. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  readonly compression: HeaderCompression;
  /** An answer that nobody waits for could not be sent. */
  readonly onFailure: (cause: unknown) => void;
}

/** Writes the frames of one side of a connection, in the order in which they are sent. */
export class FrameWriter {
  readonly #options: FrameWriterOptions;
  #sending: Promise<void> = Promise.resolve();
  #unsentAnswers = 0;
  #over: SpdyError | undefined;

  constructor(options: FrameWriterOptions) {
    this.#options = options;
  }

  send(frame: SpdyFrame): Promise<void> {
    return this.#inOrder(async () => encodeSpdyFrame(frame));
  }

  /** Opens a stream. */
  open(streamId: number, headers: HttpHeaders): Promise<void> {
    return this.#sendHeaders(headers, (headerBlock) => ({
      kind: 'syn-stream',
      streamId,
      associatedStreamId: 0,
      priority: 0,
      isFinal: false,
      isUnidirectional: false,
      headerBlock,
    }));
  }

  /** Accepts a stream that the other side opened. */
  reply(streamId: number, headers: HttpHeaders): Promise<void> {
    return this.#sendHeaders(headers, (headerBlock) => ({
      kind: 'syn-reply',
      streamId,
      isFinal: false,
      headerBlock,
    }));
  }

  /**
   * Sends what the other side has made us say. Reading goes on meanwhile, or two sides could wait for
   * each other; but a peer that sends requests without reading the answers is held back.
   */
  async answer(frame: SpdyFrame): Promise<void> {
    this.#unsentAnswers += 1;
    const sent = this.send(frame)
      .catch(this.#options.onFailure)
      .finally(() => (this.#unsentAnswers -= 1));
    if (this.#unsentAnswers > unsentAnswersMax) await sent;
  }

  /** What was not written yet, and what is sent from now on, fails. */
  close(failure: SpdyError): void {
    this.#over = failure;
  }

  // The compression remembers what it has seen, so blocks go out in the order they went in.
  #sendHeaders(
    headers: HttpHeaders,
    frameOf: (headerBlock: Uint8Array) => SpdyFrame,
  ): Promise<void> {
    return this.#inOrder(async () => {
      const block = await this.#options.compression.compress(encodeHeaderBlock(headers));
      return encodeSpdyFrame(frameOf(block));
    });
  }

  #inOrder(encode: () => Promise<Uint8Array>): Promise<void> {
    const sent = this.#sending.then(async () => {
      if (this.#over !== undefined) throw this.#over;
      await this.#options.write(await encode());
    });
    this.#sending = sent.catch(() => {});
    return sent;
  }
}
