import type { Clock } from '@fairway/host';
import { SpdyError, type SpdyStream } from '@fairway/protocol/streams';
import { type ProcessExit, isWholeStatus, readExitStatus } from './exit-status.ts';
import { PacedInput } from './paced-input.ts';
import {
  type ProcessOutput,
  type ProcessStreams,
  type RemoteProcess,
  outputGraceMs,
  processOutput,
  statusBytesMax,
} from './remote-process.ts';
import type { SpdyConnection } from './spdy-connection.ts';
import { untilCancelled } from './until-cancelled.ts';

/** Newest first. Source: Kubernetes remotecommand. */
export const remoteCommandProtocols: readonly string[] = [5, 4, 3, 2]
  .map((version) => `v${version}.channel.k8s.io`)
  .concat('channel.k8s.io');

/** A process over the streams of one SPDY connection. */
export async function spdyProcess(
  connection: SpdyConnection,
  options: ProcessStreams & {
    readonly clock: Clock;
    readonly subject: string;
    readonly protocol: string;
  },
): Promise<RemoteProcess> {
  const { session } = connection;
  const version = Number(/^v(\d)\./.exec(options.protocol)?.[1] ?? 1);
  const open = async (streamtype: string, isWanted = true): Promise<SpdyStream | undefined> =>
    isWanted ? await session.open({ streamtype }) : undefined;
  try {
    const error = await session.open({ streamtype: 'error' });
    const stdin = await open('stdin', options.stdin);
    const stdout = await open('stdout', options.stdout);
    const stderr = await open('stderr', options.stderr && !options.tty);
    const resize = await open('resize', options.tty && version >= 3);
    const input = stdin && new PacedInput(session, stdin, options.clock);
    const exited = readExit(error, connection, {
      ...options,
      isStatus: version >= 4,
      onTold: () => input?.processEnded(),
    });
    exited.catch(() => {}); // Who reads the outputs is told as well.
    void connection.over.then(() => input?.processEnded());
    return {
      ...processOver({ input, stdout, stderr, resize }, options.subject),
      exited,
      close: async () => connection.close(),
      [Symbol.asyncDispose]: async () => connection.close(),
    };
  } catch (cause) {
    connection.close();
    // The error that ended the connection tells more than the fact that it ended.
    throw cause instanceof SpdyError && cause.problem === 'gone'
      ? ((await connection.over) ?? cause)
      : cause;
  }
}

function processOver(
  streams: Readonly<Record<'stdout' | 'stderr' | 'resize', SpdyStream | undefined>> & {
    readonly input: PacedInput | undefined;
  },
  subject: string,
): Pick<RemoteProcess, 'stdin' | 'stdout' | 'stderr' | 'resize'> {
  const { input, stdout, stderr, resize } = streams;
  const outputOf = (stream: SpdyStream | undefined): ProcessOutput => {
    const onEnd = (): void => input?.outputEnded();
    return processOutput(untilCancelled(stream ? tellingEnd(stream.bytes, onEnd) : nothing()));
  };
  return {
    stdin: {
      async write(data) {
        if (input === undefined) throw new TypeError(`${subject}: its input is over`);
        await input.write(typeof data === 'string' ? new TextEncoder().encode(data) : data);
      },
      end: async () => input?.end(),
    },
    stdout: outputOf(stdout),
    stderr: outputOf(stderr),
    async resize({ width, height }) {
      if (resize === undefined) throw new TypeError(`${subject}: it has no terminal`);
      const size = JSON.stringify({ Width: width, Height: height });
      await resize.write(new TextEncoder().encode(size));
    },
  };
}

async function readExit(
  error: SpdyStream,
  connection: SpdyConnection,
  {
    isStatus,
    clock,
    onTold,
  }: { readonly isStatus: boolean; readonly clock: Clock; readonly onTold: () => void },
): Promise<ProcessExit> {
  const decoder = new TextDecoder();
  let text = '';
  try {
    for await (const bytes of untilCancelled(error.bytes)) {
      onTold();
      text += decoder.decode(bytes, { stream: true });
      if (text.length > statusBytesMax)
        throw new RangeError(`the status of a process is longer than ${statusBytesMax} bytes`);
    }
  } catch (cause) {
    if (!(cause instanceof SpdyError)) throw cause;
    // A server that has told the end may cut all that is open without ending it.
    if (!isStatus || !isWholeStatus(text)) throw (await connection.over) ?? cause;
  }
  void closeAfterGrace(connection, clock);
  return readExitStatus(text, isStatus);
}

/** The same bytes, of whose end others are told. */
async function* tellingEnd(
  bytes: AsyncIterable<Uint8Array>,
  onEnd: () => void,
): AsyncGenerator<Uint8Array, undefined> {
  yield* bytes;
  onEnd();
}

async function closeAfterGrace(connection: SpdyConnection, clock: Clock): Promise<void> {
  const grace = clock.schedule(outputGraceMs, () => connection.close());
  await connection.over;
  grace.cancel();
}

async function* nothing(): AsyncGenerator<Uint8Array, undefined> {}
