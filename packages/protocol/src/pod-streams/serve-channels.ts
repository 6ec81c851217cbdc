import { ByteQueue } from '../byte-queue.ts';
import type { ByteStream } from '../byte-stream.ts';
import { inputBytesMax, sendOutput } from './channel-messages.ts';
import { ServerWebSocket } from './server-web-socket.ts';
import {
  type ProcessStreams,
  type Program,
  type Scheduler,
  callerGone,
  exitStatusOf,
  untilGone,
} from './served-process.ts';
import { TerminalSizes } from './terminal-sizes.ts';

/** The first byte of every message. Source: Kubernetes remotecommand, v5.channel.k8s.io. */
const channels = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

/** Serves a process over the channels of one WebSocket connection. */
export async function serveChannels(
  stream: ByteStream,
  { streams, program, clock }: { streams: ProcessStreams; program: Program; clock: Scheduler },
): Promise<void> {
  const socket = new ServerWebSocket(stream);
  const input = { stdin: new ByteQueue({ bytesMax: inputBytesMax }), sizes: new TerminalSizes() };
  const gone = new AbortController();
  if (!streams.stdin) input.stdin.end();
  if (!streams.tty) input.sizes.end();
  const received = receive(socket, input).finally(() => {
    gone.abort();
    input.stdin.fail(new Error('the caller has gone'));
    input.sizes.end();
  });
  received.catch(() => {}); // Read below.
  const running = program({
    ...input,
    stdout: streams.stdout ? sender(socket, channels.stdout) : discard,
    stderr: streams.stderr ? sender(socket, channels.stderr) : discard,
    signal: gone.signal,
  });
  const status = await Promise.race([exitStatusOf(running), callerGone(received)]);
  // What still comes has no reader, and must not hold back the goodbye of the caller.
  input.stdin.end();
  await sendOutput(socket, channels.error, status);
  await socket.close();
  await untilGone(received, { stream, clock });
}

async function receive(
  socket: ServerWebSocket,
  { stdin, sizes }: { readonly stdin: ByteQueue; readonly sizes: TerminalSizes },
): Promise<void> {
  for await (const message of socket.messages()) {
    const bytes = message.subarray(1);
    if (message[0] === channels.stdin) {
      stdin.push(bytes);
      await stdin.room();
    } else if (message[0] === channels.resize) sizes.push(bytes);
    else if (message[0] === channels.close && bytes[0] === channels.stdin) stdin.end();
  }
}

function sender(socket: ServerWebSocket, channel: number): (bytes: Uint8Array) => Promise<void> {
  return (bytes) => sendOutput(socket, channel, bytes);
}

async function discard(): Promise<void> {}
