import { endOfLine, findLogLine, newline } from './log-line.ts';
import type { LogOptions, LogStream } from './log-options.ts';

/** Makes of the lines of a log file what its reader asked for: texts, with or without their times. */
export class LogText {
  readonly #stream: LogStream | undefined;
  readonly #timestamps: boolean;
  /** Undefined once a line was young enough: those after it are younger. */
  #sinceMs: number | undefined;
  #isWithinLine = false;

  constructor({ stream, timestamps = false, sinceMs }: LogOptions) {
    this.#stream = stream;
    this.#timestamps = timestamps;
    this.#sinceMs = sinceMs;
  }

  /**
   * The texts of the whole lines in the first `length` bytes of a buffer, and how many bytes those lines are:
   * what follows them has to be given again, with more behind it.
   */
  take(buffer: Buffer, length: number): { readonly text: Buffer; readonly usedBytes: number } {
    // A text is never longer than its line.
    const text = Buffer.allocUnsafe(length);
    let [written, start] = [0, 0];
    for (;;) {
      const end = endOfLine(buffer, start, length);
      if (end === -1) return { text: text.subarray(0, written), usedBytes: start };
      written = this.#write(buffer, { start, end }, { text, written });
      start = end + 1;
    }
  }

  #write(
    buffer: Buffer,
    { start, end }: { readonly start: number; readonly end: number },
    { text, written }: { readonly text: Buffer; readonly written: number },
  ): number {
    const line = findLogLine(buffer, start, end);
    if (line === undefined) return written;
    if (this.#stream !== undefined && line.stream !== this.#stream) return written;
    if (this.#isTooOld(buffer, start, line.timeEnd)) return written;
    let at = written;
    if (this.#timestamps && !this.#isWithinLine) {
      at += buffer.copy(text, at, start, line.timeEnd + 1);
    }
    at += buffer.copy(text, at, line.textStart, end);
    this.#isWithinLine = line.isPartial;
    if (line.isPartial) return at;
    text[at] = newline;
    return at + 1;
  }

  #isTooOld(buffer: Buffer, start: number, timeEnd: number): boolean {
    if (this.#sinceMs === undefined) return false;
    const timeMs = Date.parse(buffer.toString('latin1', start, timeEnd));
    if (!(timeMs >= this.#sinceMs)) return true;
    this.#sinceMs = undefined;
    return false;
  }
}
