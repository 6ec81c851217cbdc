const lengthBytes = 2;

/** A message as it goes over a connection: after its length. Source: RFC 1035 4.2.2. */
export function framed(message: Buffer): Buffer {
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}

/** Cuts what comes over a connection into messages; holds less than one of them, 64 KiB at the most. */
export class MessageFrames {
  #rest: Buffer = Buffer.alloc(0);

  /** The messages that are whole with this chunk. */
  take(chunk: Buffer): readonly Buffer[] {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const messages: Buffer[] = [];
    while (bytes.length >= lengthBytes) {
      const end = lengthBytes + bytes.readUInt16BE(0);
      if (bytes.length < end) break;
      messages.push(bytes.subarray(lengthBytes, end));
      bytes = bytes.subarray(end);
    }
    this.#rest = bytes;
    return messages;
  }
}
