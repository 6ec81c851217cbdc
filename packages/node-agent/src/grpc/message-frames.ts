import { GrpcError, grpcCodes } from './grpc-error.ts';

/** One flag, and the length of what follows. */
const headBytes = 5;

/** Puts a message into the one frame that it travels in. Source: gRPC over HTTP/2, Length-Prefixed-Message. */
export function encodeMessageFrame(message: Uint8Array): Uint8Array {
  const frame = new Uint8Array(headBytes + message.length);
  new DataView(frame.buffer).setUint32(1, message.length);
  frame.set(message, headBytes);
  return frame;
}

/** Reads messages as their bytes arrive. */
export class MessageFrames {
  readonly #bytesMax: number;
  #waiting: Uint8Array = new Uint8Array();

  /** `bytesMax`: of one message. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** True when nothing is left of a message that has only begun. */
  get isBetween(): boolean {
    return this.#waiting.length === 0;
  }

  /** Takes a chunk and answers the messages that it completes. Errors: `GrpcError`. */
  *push(chunk: Uint8Array): Generator<Uint8Array, undefined> {
    let bytes = this.isBetween ? chunk : Buffer.concat([this.#waiting, chunk]);
    for (let end = this.#endOf(bytes); end <= bytes.length; end = this.#endOf(bytes)) {
      yield bytes.subarray(headBytes, end);
      bytes = bytes.subarray(end);
    }
    this.#waiting = bytes;
  }

  /** Where the first message ends, which may be beyond the bytes that are there. */
  #endOf(bytes: Uint8Array): number {
    if (bytes.length < headBytes) return headBytes;
    if (bytes[0] !== 0) {
      throw new GrpcError(
        grpcCodes.internal,
        'the server compresses, which nobody has asked it to',
      );
    }
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1);
    if (length > this.#bytesMax) {
      const message = `a message of ${length} bytes is longer than ${this.#bytesMax}`;
      throw new GrpcError(grpcCodes.resourceExhausted, message);
    }
    return headBytes + length;
  }
}
