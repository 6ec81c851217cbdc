import type { LogStream } from './log-options.ts';

export const newline = 0x0a;
/** What is longer is no line of a runtime, and is not shown. */
export const lineBytesMax = 256 * 1024;
const space = 0x20;
const partialTag = 0x50;
const tagDelimiter = 0x3a;
/** Of `stdout` and of `stderr`, and where they begin to differ. */
const streamLength = 6;
const streams: Readonly<Record<number, LogStream>> = { 0x6f: 'stdout', 0x65: 'stderr' };
const streamStart = Buffer.from('std');

/** Where the parts of a line are in the buffer that it was found in. */
export interface LogLine {
  readonly stream: LogStream;
  /** The next line of the stream goes on where this one ends. */
  readonly isPartial: boolean;
  readonly timeEnd: number;
  readonly textStart: number;
}

/**
 * Finds the parts of the line from `start` to `end`, the place of its newline; undefined for anything that no
 * runtime writes.
 *
 * Source: Kubernetes, CRI logging format: `TIME STREAM TAGS TEXT`, where the first of the tags is `P` or `F`.
 */
export function findLogLine(buffer: Buffer, start: number, end: number): LogLine | undefined {
  const timeEnd = buffer.indexOf(space, start);
  const streamAt = timeEnd + 1;
  const tagsAt = streamAt + streamLength + 1;
  if (timeEnd <= start || tagsAt >= end || buffer[tagsAt - 1] !== space) return undefined;
  const stream = streams[buffer[streamAt + streamStart.length] ?? 0];
  if (stream === undefined || buffer.compare(streamStart, 0, 3, streamAt, streamAt + 3) !== 0) {
    return undefined;
  }
  const second = buffer[tagsAt + 1];
  const isPartial = buffer[tagsAt] === partialTag && (second === space || second === tagDelimiter);
  // Mostly there is one tag, of one letter.
  const tagsEnd = second === space ? tagsAt + 1 : buffer.indexOf(space, tagsAt);
  // A line without any text may end with its tags.
  const textStart = tagsEnd === -1 || tagsEnd >= end ? end : tagsEnd + 1;
  return { stream, isPartial, timeEnd, textStart };
}

/** Where the line ends that begins at `start`: the place of its newline; -1 when that is not there yet. */
export function endOfLine(buffer: Buffer, start: number, end: number): number {
  const at = buffer.indexOf(newline, start);
  return at >= end ? -1 : at;
}
