/** The number of whoever asks, and how long the datagram is. */
const headerBytes = 6;

/** Datagrams on a connection, each with a number by which its answer is known. */
export interface NumberedDatagram {
  readonly id: number;
  readonly message: Buffer;
}

export function datagramFrame({ id, message }: NumberedDatagram): Buffer {
  const frame = Buffer.allocUnsafe(headerBytes + message.length);
  frame.writeUInt32BE(id, 0);
  frame.writeUInt16BE(message.length, 4);
  message.copy(frame, headerBytes);
  return frame;
}

/** Datagrams of the pieces in which they come. */
export class DatagramFrames {
  #rest: Buffer = Buffer.alloc(0);

  *take(chunk: Buffer): Generator<NumberedDatagram> {
    let rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const end = rest.length < headerBytes ? Infinity : headerBytes + rest.readUInt16BE(4);
      if (rest.length < end) break;
      yield { id: rest.readUInt32BE(0), message: rest.subarray(headerBytes, end) };
      rest = rest.subarray(end);
    }
    this.#rest = rest;
  }
}
