import { type AnswerHead, MalformedAnswerError, readAnswerHead } from './answer-head.ts';
import { ChunkedDecoder } from './chunked-decoder.ts';

/** The head of an answer, and of the interim answers before it, all together. */
export const headBytesMax = 64 * 1024;
/** Answers that only say that there will be another one: 100, 102, 103. */
const interimAnswersMax = 20;

/** Hears of an answer in the order in which it comes. */
export interface AnswerListener {
  onHead(head: AnswerHead): void;
  onData(data: Buffer): void;
  /** `rest`: what came behind the end and does not belong to the answer. */
  onEnd(rest: Buffer): void;
}

/** Reads one answer out of the bytes of a connection, as they come. */
export class AnswerReader {
  readonly #method: string;
  readonly #listener: AnswerListener;
  readonly #onData = (data: Buffer): void => this.#listener.onData(data);
  #head: AnswerHead | undefined;
  /** The beginning of a head whose end has not come yet. */
  #begun: Buffer | undefined;
  #headBytes = 0;
  #interimAnswers = 0;
  /** Of a body with a length. */
  #left = 0;
  #chunks: ChunkedDecoder | undefined;

  /** `method`: of the request, because an answer to HEAD has no body. */
  constructor(method: string, listener: AnswerListener) {
    this.#method = method;
    this.#listener = listener;
  }

  /** Errors: `MalformedAnswerError`. Nothing may be pushed behind the end. */
  push(bytes: Buffer): void {
    if (this.#head !== undefined) return this.#readBody(bytes, 0);
    const all = this.#begun === undefined ? bytes : Buffer.concat([this.#begun, bytes]);
    const bodyAt = this.#readHeads(all);
    if (bodyAt >= 0) this.#readBody(all, bodyAt);
  }

  /** The server has closed its side. True when the answer is complete with that. */
  end(): boolean {
    if (this.#head?.framing.kind !== 'close') return false;
    this.#listener.onEnd(nothing);
    return true;
  }

  /** Where the body begins; -1: there is more to come of the head. */
  #readHeads(all: Buffer): number {
    // The four bytes of the end may come in two parts.
    let searchFrom = Math.max(0, (this.#begun?.length ?? 0) - 3);
    let at = 0;
    while (true) {
      const end = all.indexOf('\r\n\r\n', searchFrom, 'latin1');
      const headBytes = (end < 0 ? all.length : end) - at;
      if (this.#headBytes + headBytes > headBytesMax) {
        throw new MalformedAnswerError(`its head is longer than ${headBytesMax} bytes`);
      }
      if (end < 0) {
        requireBeginning(all, at);
        this.#begun = all.subarray(at);
        return -1;
      }
      const head = readAnswerHead(all.toString('latin1', at, end), this.#method);
      at = end + 4;
      if (!isInterim(head)) {
        this.#begin(head);
        return at;
      }
      searchFrom = at;
      this.#headBytes += headBytes;
      this.#interimAnswers += 1;
      if (this.#interimAnswers > interimAnswersMax) {
        throw new MalformedAnswerError(`more than ${interimAnswersMax} interim answers precede it`);
      }
    }
  }

  #begin(head: AnswerHead): void {
    this.#head = head;
    this.#begun = undefined;
    const { framing } = head;
    if (framing.kind === 'length') this.#left = framing.bytes;
    else if (framing.kind === 'chunked') this.#chunks = new ChunkedDecoder();
    this.#listener.onHead(head);
  }

  #readBody(bytes: Buffer, at: number): void {
    if (this.#chunks !== undefined) {
      const end = this.#chunks.push(bytes, at, this.#onData);
      if (end >= 0) this.#listener.onEnd(bytes.subarray(end));
      return;
    }
    if (this.#head?.framing.kind === 'close') {
      if (at < bytes.length) this.#listener.onData(bytes.subarray(at));
      return;
    }
    const end = Math.min(bytes.length, at + this.#left);
    if (end > at) this.#listener.onData(bytes.subarray(at, end));
    this.#left -= end - at;
    if (this.#left === 0) this.#listener.onEnd(bytes.subarray(end));
  }
}

/** What is something else is seen at its first bytes: it may have no head whose end could be awaited. */
function requireBeginning(bytes: Buffer, at: number): void {
  const begun = bytes.toString('latin1', at, at + beginning.length);
  if (!beginning.startsWith(begun)) {
    throw new MalformedAnswerError('it does not begin with a status line');
  }
}

const beginning = 'HTTP/1.';

function isInterim({ status }: AnswerHead): boolean {
  return status < 200 && status !== 101;
}

const nothing = Buffer.alloc(0);
