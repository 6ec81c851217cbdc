import { MalformedAnswerError } from './answer-head.ts';

/** The line before a chunk, or one of the trailer. */
const lineBytesMax = 4 * 1024;
const trailerBytesMax = 16 * 1024;

const sizeLine = /^([0-9a-fA-F]{1,12})[\t ]*(?:;[\t\x20-\x7e\x80-\xff]*)?$/;
const trailerLine = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Takes the chunks out of a body as it comes. What follows them in a trailer is read and left.
 * Source: RFC 9112 §7.1.
 */
export class ChunkedDecoder {
  #expects: 'size' | 'data' | 'data-end' | 'trailer' = 'size';
  /** The beginning of a line whose end has not come yet. */
  #line = '';
  #left = 0;
  #trailerBytes = 0;

  /**
   * Hands the data in `bytes`, from `at` on, to `onData`. Answers where the body ends in them, or -1
   * when it goes on.
   *
   * Errors: `MalformedAnswerError`.
   */
  push(bytes: Buffer, from: number, onData: (data: Buffer) => void): number {
    for (let at = from; at < bytes.length;) {
      if (this.#expects === 'data') {
        const end = Math.min(bytes.length, at + this.#left);
        onData(bytes.subarray(at, end));
        this.#left -= end - at;
        at = end;
        if (this.#left === 0) this.#expects = 'data-end';
        continue;
      }
      const feed = bytes.indexOf(10, at);
      const end = feed < 0 ? bytes.length : feed + 1;
      if (this.#line.length + end - at > lineBytesMax) {
        throw new MalformedAnswerError(`it has a chunk whose first line exceeds ${lineBytesMax} B`);
      }
      this.#line += bytes.toString('latin1', at, end);
      at = end;
      if (feed >= 0 && this.#endLine()) return at;
    }
    return -1;
  }

  /** True when that was the last one. */
  #endLine(): boolean {
    const line = this.#line;
    this.#line = '';
    if (!line.endsWith('\r\n')) throw new MalformedAnswerError('it has a chunk without its CR LF');
    const text = line.slice(0, -2);
    if (this.#expects === 'data-end') {
      if (text !== '') throw new MalformedAnswerError('it has a chunk that is longer than it says');
      this.#expects = 'size';
      return false;
    }
    if (this.#expects === 'size') {
      this.#begin(text);
      return false;
    }
    return this.#endTrailerLine(text);
  }

  #begin(text: string): void {
    const [, size] = sizeLine.exec(text) ?? [];
    if (size === undefined) throw new MalformedAnswerError('it has a chunk without a size');
    this.#left = Number.parseInt(size, 16);
    this.#expects = this.#left === 0 ? 'trailer' : 'data';
  }

  #endTrailerLine(text: string): boolean {
    if (text === '') return true;
    this.#trailerBytes += text.length;
    if (!trailerLine.test(text) || this.#trailerBytes > trailerBytesMax) {
      throw new MalformedAnswerError('it has a trailer that is too long or holds no headers');
    }
    return false;
  }
}
