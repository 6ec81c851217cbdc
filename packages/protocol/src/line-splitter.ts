/**
 * Cuts a stream of bytes into lines, as the frames of a watch arrive: synchronous, without strings,
 * so that a character torn by a chunk's border stays whole.
 */
export class LineSplitter {
  readonly #lineBytesMax: number;
  readonly #keepsBlank: boolean;
  /** Holds the unfinished line in its first bytes; grows as needed, never shrinks. */
  #buffer = new Uint8Array(0);
  #pendingBytes = 0;

  /** `lineBytesMax`: the longest line that is waited for; `keepsBlank`: answers blank lines too. */
  constructor({
    lineBytesMax,
    keepsBlank = false,
  }: {
    readonly lineBytesMax: number;
    readonly keepsBlank?: boolean;
  }) {
    this.#lineBytesMax = lineBytesMax;
    this.#keepsBlank = keepsBlank;
  }

  /**
   * Takes a chunk and answers the lines that it completes, without their newlines and without
   * blank ones unless they are kept. A line may share the chunk's memory.
   *
   * Errors: `LineTooLongError`; the stream cannot be read on.
   */
  push(chunk: Uint8Array): Uint8Array[] {
    const lines: Uint8Array[] = [];
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(newline, start);
      if (end === -1) break;
      const line = this.#complete(chunk.subarray(start, end));
      if (line.length > 0 || this.#keepsBlank) lines.push(line);
      start = end + 1;
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
    return lines;
  }

  /** What came after the last newline: empty when the stream ended where it should. */
  rest(): Uint8Array {
    return this.#complete(new Uint8Array());
  }

  #complete(end: Uint8Array): Uint8Array {
    if (this.#pendingBytes === 0) {
      this.#checkLength(end);
      return end;
    }
    this.#keep(end);
    const line = this.#buffer.slice(0, this.#pendingBytes);
    this.#pendingBytes = 0;
    return line;
  }

  /** Copies, since a socket's reader may reuse its buffer. */
  #keep(part: Uint8Array): void {
    this.#checkLength(part);
    const needed = this.#pendingBytes + part.length;
    if (needed > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(needed, 2 * this.#buffer.length));
      grown.set(this.#buffer.subarray(0, this.#pendingBytes));
      this.#buffer = grown;
    }
    this.#buffer.set(part, this.#pendingBytes);
    this.#pendingBytes = needed;
  }

  #checkLength(part: Uint8Array): void {
    if (this.#pendingBytes + part.length > this.#lineBytesMax) {
      throw new LineTooLongError(this.#lineBytesMax);
    }
  }
}

/** A line of a stream was longer than its reader allows. */
export class LineTooLongError extends Error {
  override readonly name = 'LineTooLongError';

  constructor(lineBytesMax: number) {
    super(`cannot read on: a line of the stream is longer than ${lineBytesMax} bytes`);
  }
}

const newline = 0x0a;
