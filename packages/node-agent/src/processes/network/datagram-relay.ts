import { type Socket, connect } from 'node:net';
import { DatagramFrames, datagramFrame } from './datagram-frames.ts';

/** Questions that wait for an answer; the oldest is forgotten, as any datagram may get lost. */
const askedMax = 4_096;
/** Bytes that wait to be sent; more are not sent at all. */
const unsentBytesMax = 4 * 1024 * 1024;

/** Asks, out of the network, whoever answers datagrams at a socket in the file system. */
export class DatagramRelay {
  readonly #path: string;
  readonly #asked = new Map<number, (answer: Buffer) => void>();
  #socket: Socket | undefined;
  #lastId = 0;

  constructor(path: string) {
    this.#path = path;
  }

  ask(message: Buffer, reply: (answer: Buffer) => void): void {
    const socket = this.#connected();
    if (socket.writableLength > unsentBytesMax) return;
    this.#lastId = (this.#lastId + 1) % 2 ** 32;
    this.#asked.set(this.#lastId, reply);
    for (const oldest of this.#asked.keys()) {
      if (this.#asked.size <= askedMax) break;
      this.#asked.delete(oldest);
    }
    socket.write(datagramFrame({ id: this.#lastId, message }));
  }

  /** A connection that has broken is made anew for the next question. */
  #connected(): Socket {
    if (this.#socket !== undefined) return this.#socket;
    const frames = new DatagramFrames();
    const socket = connect({ path: this.#path });
    this.#socket = socket;
    socket
      .on('error', () => {})
      .on('close', () => {
        this.#socket = undefined;
        this.#asked.clear();
      });
    socket.on('data', (chunk) => {
      for (const { id, message } of frames.take(chunk)) {
        this.#asked.get(id)?.(message);
        this.#asked.delete(id);
      }
    });
    return socket;
  }
}
