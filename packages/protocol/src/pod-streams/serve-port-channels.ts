import { ByteQueue } from '../byte-queue.ts';
import type { ByteStream } from '../byte-stream.ts';
import type { ServedPorts } from './served-ports.ts';
import { callerGone, goodbyeMs } from './served-process.ts';
import { ServerWebSocket } from './server-web-socket.ts';

/** What a program has not read, from which on the caller is held back. */
const inputBytesMax = 256 * 1024;
const outputBytesMax = 32 * 1024;
/** A channel is one byte, and each port has two. */
export const portsMax = 127;

/**
 * Serves ports of a pod over the channels of one WebSocket connection: of each port one for bytes, and one for what has
 * failed. A port is connected once, and the connection ends when all of them have.
 *
 * Source: kubelet, streaming server, `v4.channel.k8s.io` of portforward.
 */
export async function servePortChannels(
  stream: ByteStream,
  { ports, connect, clock }: ServedPorts & { readonly ports: readonly number[] },
): Promise<void> {
  const socket = new ServerWebSocket(stream);
  const channels = ports.map((port, index) => new PortChannel(socket, { port, index }));
  for (const channel of channels) await channel.announce();
  const received = receive(socket, channels).finally(() => {
    for (const { input } of channels) input.fail(new Error('the caller has gone'));
  });
  received.catch(() => {}); // Read below.
  const forwarded = Promise.all(channels.map((channel) => channel.forward(connect)));
  await Promise.race([forwarded, callerGone(received)]);
  await socket.close();
  const timer = clock.schedule(goodbyeMs, () => stream.destroy());
  await received.finally(() => timer.cancel());
}

async function receive(socket: ServerWebSocket, channels: readonly PortChannel[]): Promise<void> {
  for await (const message of socket.messages()) {
    const [number = 1] = message;
    // Nobody says anything where failures are told.
    if (number % 2 === 1) continue;
    const input = channels[number / 2]?.input;
    input?.push(message.subarray(1));
    await input?.room();
  }
}

class PortChannel {
  readonly input = new ByteQueue({ bytesMax: inputBytesMax });
  readonly #socket: ServerWebSocket;
  readonly #port: number;
  readonly #data: number;

  constructor(
    socket: ServerWebSocket,
    { port, index }: { readonly port: number; readonly index: number },
  ) {
    this.#socket = socket;
    this.#port = port;
    this.#data = index * 2;
  }

  /** The first message of each channel says which port it is of. */
  async announce(): Promise<void> {
    const port = [this.#port & 0xff, this.#port >> 8];
    for (const channel of [this.#data, this.#data + 1]) await this.#send(channel, port);
  }

  /** Until the program ends its direction: that a caller has ended his is nowhere said. */
  async forward(connect: ServedPorts['connect']): Promise<void> {
    let remote: ByteStream | undefined;
    try {
      remote = await connect(this.#port);
      void this.#sendInput(remote);
      for await (const bytes of remote.incoming) {
        for (let at = 0; at < bytes.length; at += outputBytesMax) {
          await this.#send(this.#data, bytes.subarray(at, at + outputBytesMax));
        }
      }
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      // The caller may have gone, which is why.
      await this.#send(this.#data + 1, new TextEncoder().encode(why)).catch(() => {});
    } finally {
      remote?.destroy();
      // What still comes has no reader, and must not hold back the other ports.
      this.input.end();
    }
  }

  async #sendInput(remote: ByteStream): Promise<void> {
    try {
      for await (const bytes of this.input) await remote.write(bytes);
    } catch {
      // One of the two is gone; what came before has been written.
      await remote.end().catch(() => {});
      remote.destroy();
    }
  }

  async #send(channel: number, bytes: ArrayLike<number>): Promise<void> {
    const message = new Uint8Array(1 + bytes.length);
    message[0] = channel;
    message.set(bytes, 1);
    await this.#socket.send(message);
  }
}
