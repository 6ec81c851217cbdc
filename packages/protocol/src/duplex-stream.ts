import type { Duplex } from 'node:stream';
import type { ByteStream } from './byte-stream.ts';

/** `head`: bytes that came before anything that `duplex` brings. */
export function byteStreamOf(duplex: Duplex, head?: Uint8Array): ByteStream {
  if (head !== undefined && head.length > 0) duplex.unshift(head);
  return new DuplexStream(duplex);
}

/** What a stream is made of; undefined when that is no `Duplex`. */
export function duplexOf(stream: ByteStream): Duplex | undefined {
  return stream instanceof DuplexStream ? stream.duplex : undefined;
}

class DuplexStream implements ByteStream {
  readonly duplex: Duplex;
  readonly incoming: AsyncIterable<Uint8Array>;
  readonly closed: Promise<void>;

  constructor(duplex: Duplex) {
    this.duplex = duplex;
    this.incoming = incomingOf(duplex);
    duplex.on('error', () => {}); // Who reads or writes is told.
    this.closed = new Promise((resolve) => {
      if (duplex.closed) resolve();
      else duplex.once('close', () => resolve());
    });
  }

  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.duplex.write(bytes, (cause) => (cause ? reject(cause) : resolve()));
    });
  }

  end(): Promise<void> {
    return new Promise((resolve) => {
      if (this.duplex.destroyed || this.duplex.writableEnded) return resolve();
      this.duplex.end(() => resolve());
    });
  }

  destroy(cause?: Error): void {
    this.duplex.destroy(cause);
  }
}

/**
 * What the other side sends, to the last byte that has come. The iterator of `Readable` drops what waits in its
 * buffer as soon as the connection breaks, and the end of an answer often comes together with the reset.
 */
async function* incomingOf(duplex: Duplex): AsyncGenerator<Uint8Array, undefined> {
  try {
    yield* duplex as AsyncIterable<Uint8Array>;
  } catch (error) {
    let rest: Uint8Array | null;
    while ((rest = duplex.read() as Uint8Array | null) !== null) yield rest;
    throw error;
  }
}
