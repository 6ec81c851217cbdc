import type { FileHandle } from 'node:fs/promises';
import { findLogLine, lineBytesMax, newline } from './log-line.ts';
import type { LogStream } from './log-options.ts';

const blockBytes = 64 * 1024;

/**
 * Where the last `lines` lines of a log begin, of one stream or of all of them. Reads from the end, only as far as
 * it must. A text that the runtime wrote in several parts is one line; what is not whole yet is none.
 */
export async function findTail(
  file: FileHandle,
  { lines, stream }: { readonly lines: number; readonly stream?: LogStream },
): Promise<number> {
  const { size } = await file.stat();
  if (lines === 0) return size;
  const tail = new Tail(lines, stream);
  let buffer = Buffer.allocUnsafe(blockBytes);
  // All from here on is looked at, but for what is before the first newline.
  let [from, end] = [size, size];
  while (from > 0) {
    const start = Math.max(0, from - blockBytes);
    const unseen = end - start;
    const larger = unseen > buffer.length ? Buffer.allocUnsafe(2 * unseen) : buffer;
    buffer.copy(larger, from - start, 0, end - from);
    buffer = larger;
    await readFully(file, buffer.subarray(0, from - start), start);
    from = start;
    const looked = tail.look(buffer.subarray(0, unseen), { isStart: start === 0 });
    if (looked.tailAt !== undefined) return start + looked.tailAt;
    end = start + (looked.unseenBytes > lineBytesMax ? 0 : looked.unseenBytes);
  }
  return 0;
}

/** Counts lines from the last to the first. */
class Tail {
  readonly #lines: number;
  readonly #stream: LogStream | undefined;
  #count = 0;
  #hasSeenLine = false;

  constructor(lines: number, stream: LogStream | undefined) {
    this.#lines = lines;
    this.#stream = stream;
  }

  /**
   * Looks at the lines of a block, whose first one may have begun before it. Answers where the tail begins, if it
   * does here, and what of the block has to be looked at together with what is before it.
   */
  look(
    block: Buffer,
    { isStart }: { readonly isStart: boolean },
  ): { readonly tailAt?: number; readonly unseenBytes: number } {
    let end = block.lastIndexOf(newline);
    if (end === -1) return { unseenBytes: block.length };
    for (;;) {
      const before = end === 0 ? -1 : block.lastIndexOf(newline, end - 1);
      if (before === -1 && !isStart) return { unseenBytes: end + 1 };
      if (this.#isBefore(block, before + 1, end)) return { tailAt: end + 1, unseenBytes: 0 };
      if (before === -1) return { unseenBytes: 0 };
      end = before;
    }
  }

  /** Whether this line is the end of the one before the tail. */
  #isBefore(block: Buffer, start: number, end: number): boolean {
    const line = findLogLine(block, start, end);
    if (line === undefined) return false;
    if (this.#stream !== undefined && line.stream !== this.#stream) return false;
    const isEndOfLine = !line.isPartial || !this.#hasSeenLine;
    this.#hasSeenLine = true;
    if (!isEndOfLine) return false;
    if (this.#count === this.#lines) return true;
    this.#count += 1;
    return false;
  }
}

async function readFully(file: FileHandle, into: Buffer, position: number): Promise<void> {
  let at = 0;
  while (at < into.length) {
    const { bytesRead } = await file.read(into, at, into.length - at, position + at);
    // Somebody has made the file shorter.
    if (bytesRead === 0) return void into.fill(0, at);
    at += bytesRead;
  }
}
