import { type FileHandle, open } from 'node:fs/promises';
import type { Clock } from '@fairway/host';
import { findTail } from './find-tail.ts';
import { LogChanges } from './log-changes.ts';
import { lineBytesMax } from './log-line.ts';
import type { LogOptions } from './log-options.ts';
import { LogText } from './log-text.ts';
import { isReplaced, openNext } from './rotated-files.ts';

/** The log of one container. */
export interface ContainerLog {
  /** Where the runtime writes it. */
  readonly path: string;
  /** Whether more may be written. Asked now and then while the log is followed. */
  isRunning(): Promise<boolean>;
  /** Calls back when the answer of `isRunning` may be another one. */
  onChange(listener: () => void): Disposable;
}

/** What a reader holds that waits for the next line. */
const idleBytes = 16 * 1024;

/**
 * What a container has written, at the pace of who reads it. A log that is followed goes on in the next file
 * when it is rotated, and ends when the container has ended; or, without an error, with the signal.
 *
 * Errors: the system's for a file that cannot be read, before the first bytes.
 */
export async function readLog(
  log: ContainerLog,
  options: LogOptions,
  by: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<AsyncIterable<Uint8Array>> {
  const file = await open(log.path);
  // A generator that nobody starts does not end either.
  const close = (): void => void file.close();
  by.signal.addEventListener('abort', close);
  const onStart = (): void => by.signal.removeEventListener('abort', close);
  try {
    const { tailLines, stream } = options;
    const start =
      tailLines === undefined
        ? 0
        : await findTail(file, { lines: tailLines, ...(stream && { stream }) });
    const reader = new LogReader(log, { file, at: start, text: new LogText(options) });
    const texts = reader.read(options, { ...by, onStart });
    return options.limitBytes === undefined ? texts : limited(texts, options.limitBytes);
  } catch (error) {
    onStart();
    await file.close();
    throw error;
  }
}

interface Reading {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onStart: () => void;
}

/** Where the reader of a log is. */
class LogReader {
  readonly #log: ContainerLog;
  readonly #text: LogText;
  #buffer = Buffer.allocUnsafe(idleBytes);
  #file: FileHandle;
  /** The next byte to read, and how many of those before it are in the buffer. */
  #at: number;
  #kept = 0;
  #isSkipping = false;

  constructor(
    log: ContainerLog,
    start: { readonly file: FileHandle; readonly at: number; readonly text: LogText },
  ) {
    this.#log = log;
    this.#file = start.file;
    this.#at = start.at;
    this.#text = start.text;
  }

  async *read(
    { follow = false }: LogOptions,
    by: Reading,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    by.onStart();
    try {
      if (follow) return yield* this.#follow(by);
      // What is written meanwhile is for the next who asks.
      const { size } = await this.#file.stat();
      yield* this.#texts(by.signal, size);
    } finally {
      await this.#file.close();
    }
  }

  async *#follow(by: Reading): AsyncGenerator<Uint8Array, void, undefined> {
    const { signal } = by;
    using changes = new LogChanges(this.#log, by);
    let isOver = false;
    while (!signal.aborted) {
      // Asked first: what it writes before its end is read.
      const isDue = changes.takeDue();
      isOver ||= isDue && !(await this.#log.isRunning());
      const before = this.#at;
      yield* this.#texts(signal, Number.POSITIVE_INFINITY);
      const isIdle = isDue && this.#at === before;
      if (isIdle && this.#kept < idleBytes) this.#resize(idleBytes);
      const isLeft = (inode: number): boolean => isOver || changes.isSettled(inode);
      if ((changes.takeMoved() || isOver) && (await this.#goOn(isLeft))) continue;
      if (isOver) return;
      await changes.next();
    }
  }

  /** All that is there, up to a place in the file. */
  async *#texts(signal: AbortSignal, end: number): AsyncGenerator<Uint8Array, void, undefined> {
    while (!signal.aborted && this.#at < end) {
      const room = Math.min(this.#buffer.length - this.#kept, end - this.#at);
      const { bytesRead } = await this.#file.read(this.#buffer, this.#kept, room, this.#at);
      if (bytesRead === 0) return;
      this.#at += bytesRead;
      if (bytesRead === room) this.#resize(lineBytesMax);
      const text = this.#take(this.#kept + bytesRead);
      if (text.length > 0) yield text;
    }
  }

  #resize(bytes: number): void {
    if (this.#buffer.length === bytes) return;
    const other = Buffer.allocUnsafe(bytes);
    this.#buffer.copy(other);
    this.#buffer = other;
  }

  /** The texts of the whole lines in the buffer; what follows them is kept for the next time. */
  #take(length: number): Uint8Array {
    const begin = this.#isSkipping ? this.#buffer.indexOf('\n') + 1 : 0;
    const isSkipped = this.#isSkipping && (begin === 0 || begin > length);
    if (isSkipped) {
      this.#kept = 0;
      return new Uint8Array();
    }
    const { text, usedBytes } = this.#text.take(this.#buffer.subarray(begin), length - begin);
    const used = begin + usedBytes;
    this.#buffer.copyWithin(0, used, length);
    this.#kept = length - used;
    this.#isSkipping = this.#kept === this.#buffer.length;
    if (this.#isSkipping) this.#kept = 0;
    return text;
  }

  /** Moves on to the next file when this one was rotated away and its writer has left it. */
  async #goOn(isLeft: (inode: number) => boolean): Promise<boolean> {
    const { path } = this.#log;
    const { size, ino } = await this.#file.stat();
    if (size < this.#at) {
      // Somebody has emptied it.
      this.#start(this.#file);
      return true;
    }
    if (size > this.#at) return true;
    if (!(await isReplaced(path, ino))) return false;
    // The runtime may still write the last of its lines here, after the new file is there.
    if (!isLeft(ino)) return false;
    const next = await openNext(path, ino);
    if (next === undefined) return false;
    await this.#file.close();
    this.#start(next);
    return true;
  }

  #start(file: FileHandle): void {
    this.#file = file;
    this.#at = 0;
    this.#kept = 0;
    this.#isSkipping = false;
  }
}

async function* limited(
  texts: AsyncIterable<Uint8Array>,
  limitBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let left = limitBytes;
  for await (const text of texts) {
    yield text.subarray(0, left);
    left -= text.length;
    if (left <= 0) return;
  }
}
