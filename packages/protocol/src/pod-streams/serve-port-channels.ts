import { ByteQueue } from '../byte-queue.ts';
import type { ByteStream } from '../byte-stream.ts';
import { inputBytesMax, sendMessage, sendOutput } from './channel-messages.ts';
import { type ServedPorts, toldFailure } from './served-ports.ts';
import { callerGone, untilGone } from './served-process.ts';
import { ServerWebSocket } from './server-web-socket.ts';

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
  await untilGone(received, { stream, clock });
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
  readonly #failure: number;

  constructor(
    socket: ServerWebSocket,
    { port, index }: { readonly port: number; readonly index: number },
  ) {
    this.#socket = socket;
    this.#port = port;
    this.#data = index * 2;
    this.#failure = index * 2 + 1;
  }

  /** The first message of each channel says which port it is of. */
  async announce(): Promise<void> {
    const port = [this.#port & 0xff, this.#port >> 8];
    await sendMessage(this.#socket, this.#data, port);
    await sendMessage(this.#socket, this.#failure, port);
  }

  /** Until the program ends its direction: that a caller has ended his is nowhere said. */
  async forward(connect: ServedPorts['connect']): Promise<void> {
    let remote: ByteStream | undefined;
    try {
      remote = await connect(this.#port);
      void this.#sendInput(remote);
      for await (const bytes of remote.incoming) {
        await sendOutput(this.#socket, this.#data, bytes);
      }
    } catch (cause) {
      // The caller may have gone, which is why.
      await sendMessage(this.#socket, this.#failure, toldFailure(cause)).catch(() => {});
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
}
