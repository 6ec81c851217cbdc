import { ApiError, internalError } from '../api-error.ts';
import type { ByteStream } from '../byte-stream.ts';
import type { TerminalSize } from './terminal-sizes.ts';

/** What a program has of its caller. */
export interface ServedProcess {
  /** What the caller sends, at the pace of the reader; empty when it sends nothing. */
  readonly stdin: AsyncIterable<Uint8Array>;
  /** Empty without a terminal. */
  readonly sizes: AsyncIterable<TerminalSize>;
  /** Resolves when there is room for more. Throws when the caller is gone. */
  stdout(bytes: Uint8Array): Promise<void>;
  stderr(bytes: Uint8Array): Promise<void>;
  /** Aborts when the caller has gone before the program was done. */
  readonly signal: AbortSignal;
}

/** Does what was asked for and answers the exit code; the caller is told what it throws. */
export type Program = (process: ServedProcess) => Promise<number>;

/** Which streams the caller wants. */
export interface ProcessStreams {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** Time as an argument; a `Clock` of `@fairway/host` is one. */
export interface Scheduler {
  schedule(delayMs: number, run: () => void): { cancel(): void };
}

/** How long streams that belong together may take to come, as with a kubelet. */
export const streamCreationMs = 30_000;

/** How long a caller has to close its side after ours was closed. */
const goodbyeMs = 5_000;

/** Throws when the caller has gone. `received`: settles when it has said all. */
export async function callerGone(received: Promise<void>): Promise<never> {
  await received;
  // As Node.js has it for requests that were aborted.
  throw Object.assign(new Error('the caller has gone'), { code: 'ECONNRESET' });
}

/** Resolves when the caller has closed its side, as ours was; one that takes too long is cut off. `received`: as above. */
export async function untilGone(
  received: Promise<void>,
  { stream, clock }: { readonly stream: ByteStream; readonly clock: Scheduler },
): Promise<void> {
  const timer = clock.schedule(goodbyeMs, () => stream.destroy());
  await received.finally(() => timer.cancel());
}

/** Runs a program, and answers the status that the caller is told. Source: Kubernetes remotecommand. */
export async function exitStatusOf(running: Promise<number>): Promise<Uint8Array> {
  return new TextEncoder().encode(JSON.stringify(await statusOf(running)));
}

async function statusOf(running: Promise<number>): Promise<object> {
  try {
    const code = await running;
    if (code === 0) return { metadata: {}, status: 'Success' };
    return {
      metadata: {},
      status: 'Failure',
      reason: 'NonZeroExitCode',
      message: `command terminated with non-zero exit code: exit status ${code}`,
      details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
    };
  } catch (error) {
    // Whoever ran it has told why in the words of the API already.
    if (error instanceof ApiError) return error.status;
    const why = error instanceof Error ? error.message : String(error);
    return internalError(why).status;
  }
}
