import { ByteQueue } from './byte-queue.ts';

/**
 * A connection whose protocol is somebody else's: bytes in both directions, each with an end of its
 * own. A socket is one, and so is each end of `byteStreamPair`.
 */
export interface ByteStream {
  /**
   * What the other side sends, at the pace of the reader; can be read once, and leaving the loop
   * early lets go of the stream. Ends when the other side ends it; throws when it is cut.
   */
  readonly incoming: AsyncIterable<Uint8Array>;
  /** Resolves when no more bytes can come or go. Never rejects. */
  readonly closed: Promise<void>;
  /** Resolves when there is room for more. The bytes belong to the stream. Throws when it is cut. */
  write(bytes: Uint8Array): Promise<void>;
  /** Nothing more will be sent; what comes is still read. */
  end(): Promise<void>;
  /**
   * Lets go of both directions at once; what is under way is lost. `cause`: what those are told who
   * still read or write. Does nothing when it is over.
   */
  destroy(cause?: Error): void;
}

/** So many bytes may wait in either direction before `write` waits. */
const pairBytesMax = 64 * 1024;

/** Two streams, each the other side of the other: a connection without a socket. */
export function byteStreamPair(): readonly [ByteStream, ByteStream] {
  const [there, back] = [new OneWay(), new OneWay()];
  const closed = Promise.all([there.over, back.over]).then(() => {});
  const destroy = (cause = new Error('the stream was cut off')): void => {
    there.cut(cause);
    back.cut(cause);
  };
  return [
    { incoming: back.bytes(destroy), closed, destroy, ...there.sender },
    { incoming: there.bytes(destroy), closed, destroy, ...back.sender },
  ];
}

/** One direction of a pair. */
class OneWay {
  readonly over: Promise<void>;
  readonly #queue = new ByteQueue({ bytesMax: pairBytesMax });
  readonly #finish: () => void;
  #isEnded = false;
  #cause: Error | undefined;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.over = promise;
    this.#finish = resolve;
  }

  get sender(): Pick<ByteStream, 'write' | 'end'> {
    return { write: (bytes) => this.#write(bytes), end: async () => this.#end() };
  }

  /** `onLeave`: the reader has left before the end. */
  async *bytes(onLeave: () => void): AsyncGenerator<Uint8Array, undefined> {
    let isAtEnd = false;
    try {
      yield* this.#queue;
      isAtEnd = true;
      this.#finish();
    } finally {
      if (!isAtEnd) onLeave();
    }
  }

  cut(cause: Error): void {
    if (this.#cause !== undefined) return;
    this.#cause = cause;
    this.#queue.fail(cause);
    this.#finish();
  }

  async #write(bytes: Uint8Array): Promise<void> {
    if (this.#isEnded) throw new Error('the stream was ended and takes no more bytes');
    this.#requireWhole();
    this.#queue.push(bytes);
    await this.#queue.room();
    this.#requireWhole();
  }

  #end(): void {
    this.#isEnded = true;
    this.#queue.end();
  }

  #requireWhole(): void {
    if (this.#cause !== undefined) throw this.#cause;
  }
}

/**
 * Copies bytes both ways, at the pace of the slower side, and hands on the end of each direction.
 * Resolves when both have ended. When one side is cut, so is the other; then it throws why.
 */
export async function joinByteStreams(one: Joinable, other: Joinable): Promise<void> {
  try {
    await Promise.all([copy(one, other), copy(other, one)]);
  } catch (error) {
    const cause = error instanceof Error ? error : new Error(String(error));
    one.destroy(cause);
    other.destroy(cause);
    throw error;
  }
  one.destroy();
  other.destroy();
}

type Joinable = Omit<ByteStream, 'closed'>;

async function copy(from: Joinable, to: Joinable): Promise<void> {
  for await (const bytes of from.incoming) await to.write(bytes);
  await to.end();
}
