import type { ByteStream } from '../byte-stream.ts';
import type { SpdyStream } from '../spdy/spdy-stream.ts';
import { refuseStream, serveSpdy } from './serve-spdy.ts';
import {
  type ProcessStreams,
  type Program,
  type Scheduler,
  callerGone,
  exitStatusOf,
  streamCreationMs,
  untilGone,
} from './served-process.ts';
import { TerminalSizes } from './terminal-sizes.ts';

type Streams = ReadonlyMap<string, SpdyStream>;

/** Serves a process over the streams of one SPDY connection, v4.channel.k8s.io. */
export async function serveProcessStreams(
  stream: ByteStream,
  process: { streams: ProcessStreams; program: Program; clock: Scheduler },
): Promise<void> {
  const { clock, program } = process;
  const names = wantedNames(process.streams);
  const opened = new Map<string, SpdyStream>();
  const complete = Promise.withResolvers<void>();
  const { received } = serveSpdy(stream, {
    streamsMax: names.length,
    onStream: (each) => {
      const name = String(each.headers['streamtype']);
      if (!names.includes(name) || opened.has(name)) return refuseStream(each);
      opened.set(name, each);
      void each.reply().catch(() => {}); // Reading tells what happened.
      if (opened.size === names.length) complete.resolve();
    },
  });
  const late = clock.schedule(streamCreationMs, () =>
    complete.reject(new Error('the caller did not open the streams that it wanted')),
  );
  await Promise.race([complete.promise, callerGone(received)]).finally(() => late.cancel());
  const status = await Promise.race([
    exitStatusOf(program(processOver(opened, received))),
    callerGone(received),
  ]);
  await opened.get('error')?.write(status);
  for (const each of opened.values()) await each.end();
  // What still comes has no reader, and must not hold back the end of the caller.
  for (const each of opened.values()) await each.bytes[Symbol.asyncIterator]().return?.();
  await stream.end();
  await untilGone(received, { stream, clock });
}

function wantedNames({ tty, ...streams }: ProcessStreams): readonly string[] {
  const data = Object.entries(streams).flatMap(([name, isWanted]) => (isWanted ? [name] : []));
  return ['error', ...data, ...(tty ? ['resize'] : [])];
}

function processOver(opened: Streams, received: Promise<void>): Parameters<Program>[0] {
  const abort = new AbortController();
  received.catch(() => {}).finally(() => abort.abort());
  const to = (name: string) => async (bytes: Uint8Array) => opened.get(name)?.write(bytes);
  return {
    stdin: opened.get('stdin')?.bytes ?? nothing(),
    sizes: sizesOf(opened.get('resize')),
    stdout: to('stdout'),
    stderr: to('stderr'),
    signal: abort.signal,
  };
}

function sizesOf(resize: SpdyStream | undefined): TerminalSizes {
  const sizes = new TerminalSizes();
  const read = async (): Promise<void> => {
    for await (const bytes of resize?.bytes ?? nothing()) sizes.push(bytes);
  };
  void read()
    .catch(() => {}) // The process is told of it by its other streams.
    .finally(() => sizes.end());
  return sizes;
}

async function* nothing(): AsyncGenerator<Uint8Array, undefined> {}
