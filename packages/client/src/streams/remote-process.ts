import { decodeLines } from './decode-lines.ts';
import type { ProcessExit } from './exit-status.ts';

/**
 * A process in a container.
 *
 * Read both outputs (or ask for one only): unread output blocks the process, so that it does not
 * end.
 */
export interface RemoteProcess extends AsyncDisposable {
  readonly stdin: ProcessInput;
  readonly stdout: ProcessOutput;
  /** Empty with a terminal, where everything comes as `stdout`. */
  readonly stderr: ProcessOutput;
  /** Resolves with the exit code. Errors: `ApiError`, `ConnectionError`, the signal's reason. */
  readonly exited: Promise<ProcessExit>;
  /** Tells the terminal its size, in characters. Errors: `TypeError` without `tty`. */
  resize(size: { readonly width: number; readonly height: number }): Promise<void>;
  /** Lets go of the process; the server decides what becomes of it. */
  close(): Promise<void>;
}

/** Which streams a process has. */
export type ProcessStreams = Readonly<Record<'stdin' | 'stdout' | 'stderr' | 'tty', boolean>>;

export interface ProcessInput {
  /** Sends text as UTF-8, or bytes, as soon as the connection takes them. */
  write(data: string | Uint8Array): Promise<void>;
  /** Nothing more will come. The process goes on. */
  end(): Promise<void>;
}

/** Bytes as they come; to be read once, in one of the three ways. */
export interface ProcessOutput extends AsyncIterable<Uint8Array> {
  lines(): AsyncIterable<string>;
  /** All of it. Errors: `RangeError` beyond `bytesMax`, 64 MiB when absent. */
  text(options?: { readonly bytesMax?: number }): Promise<string>;
}

/** Gives the ways to read to bytes. */
export function processOutput(bytes: AsyncIterable<Uint8Array>): ProcessOutput {
  return {
    [Symbol.asyncIterator]: () => bytes[Symbol.asyncIterator](),
    lines: () => decodeLines(bytes),
    async text({ bytesMax = 64 * 1024 * 1024 } = {}) {
      const decoder = new TextDecoder();
      const parts: string[] = [];
      let length = 0;
      for await (const chunk of bytes) {
        length += chunk.length;
        if (length > bytesMax) throw new RangeError(`the output is longer than ${bytesMax} bytes`);
        parts.push(decoder.decode(chunk, { stream: true }));
      }
      return parts.join('') + decoder.decode();
    },
  };
}

/** After its end is known, a process gets so long to hand over the rest of its output. */
export const outputGraceMs = 10_000;

/** No status is longer than this. */
export const statusBytesMax = 1024 * 1024;

/** So long may saying goodbye take, to a server that does not listen. */
export const goodbyeMs = 1_000;
