import type { Clock, Timer } from '@fairway/host';
import { ByteQueue } from '@fairway/protocol/streams';
import { ConnectionError } from '../transport/connection-error.ts';
import { type ProcessExit, readExitStatus } from './exit-status.ts';
import {
  type ProcessStreams,
  type RemoteProcess,
  goodbyeMs,
  outputGraceMs,
  processOutput,
} from './remote-process.ts';
import type { WebSocketConnection } from './web-socket-connection.ts';

/** The first byte of every message. Source: Kubernetes remotecommand, v5.channel.k8s.io. */
const channels = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;
const outputBytesMax = 256 * 1024;
const inputBytesMax = 32 * 1024;

/** A process over one WebSocket connection. */
export function channelProcess(
  connection: WebSocketConnection,
  options: ProcessStreams & { readonly clock: Clock; readonly subject: string },
): RemoteProcess {
  const stdout = new ByteQueue({ bytesMax: outputBytesMax });
  const stderr = new ByteQueue({ bytesMax: outputBytesMax });
  const exit = Promise.withResolvers<ProcessExit>();
  exit.promise.catch(() => {}); // Who reads the outputs is told as well.
  const queues = new Map([
    [channels.stdout as number, stdout],
    [channels.stderr as number, stderr],
  ]);
  void receive(connection, { queues, exit, ...options });
  const send = (channel: number, bytes: Uint8Array): Promise<void> => {
    const message = new Uint8Array(1 + bytes.length);
    message[0] = channel;
    message.set(bytes, 1);
    return connection.send(message);
  };
  let isInputOver = !options.stdin;
  const close = async (): Promise<void> => {
    const timer = options.clock.schedule(goodbyeMs, () => connection.destroy());
    await connection.close().catch(() => {}); // It may be gone already.
    timer.cancel();
    connection.destroy();
  };
  return {
    stdin: {
      async write(data) {
        if (isInputOver) throw new TypeError(`${options.subject}: its input is over`);
        const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
        for (let at = 0; at < bytes.length; at += inputBytesMax) {
          await send(channels.stdin, bytes.subarray(at, at + inputBytesMax));
        }
      },
      async end() {
        if (isInputOver) return;
        isInputOver = true;
        await send(channels.close, Uint8Array.of(channels.stdin));
      },
    },
    stdout: processOutput(stdout),
    stderr: processOutput(stderr),
    exited: exit.promise,
    async resize({ width, height }) {
      if (!options.tty) throw new TypeError(`${options.subject}: it has no terminal`);
      const size = JSON.stringify({ Width: width, Height: height });
      await send(channels.resize, new TextEncoder().encode(size));
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function receive(
  connection: WebSocketConnection,
  process: {
    readonly queues: ReadonlyMap<number, ByteQueue>;
    readonly exit: { resolve(exit: ProcessExit): void; reject(reason: unknown): void };
    readonly clock: Clock;
    readonly subject: string;
  },
): Promise<void> {
  const { queues, exit, clock, subject } = process;
  let isOver = false;
  let grace: Timer | undefined;
  let failure: unknown;
  try {
    for await (const message of connection.messages()) {
      const [channel = -1] = message;
      const bytes = message.subarray(1);
      const queue = queues.get(channel);
      queue?.push(bytes);
      await queue?.room();
      if (channel === channels.close) queues.get(bytes[0] ?? -1)?.end();
      if (channel !== channels.error || bytes.length === 0 || isOver) continue;
      isOver = true;
      grace = clock.schedule(outputGraceMs, () => connection.destroy());
      exit.resolve(readExitStatus(new TextDecoder().decode(bytes), true));
    }
    const message = `${subject}: the connection ended before the process did`;
    failure = new ConnectionError({ problem: 'closed', message });
  } catch (error) {
    failure = error;
  }
  grace?.cancel();
  exit.reject(failure);
  for (const queue of queues.values()) {
    if (isOver) queue.end();
    else queue.fail(failure);
  }
}
