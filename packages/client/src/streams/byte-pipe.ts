import type { Duplex } from 'node:stream';
import { explainFailure } from '../transport/explain-failure.ts';

/** Copies bytes in both directions, at the pace of the slower side. */
export interface BytePipe {
  /** Can be read once. Ends when the other side ends it; throws `ConnectionError` when it is cut. */
  readonly incoming: AsyncIterable<Uint8Array>;
  /** Resolves when the connection has taken the bytes. Errors: `ConnectionError`. */
  write(bytes: Uint8Array): Promise<void>;
  /** Lets go of the connection, at once. */
  destroy(): void;
}

/** A connection after its upgrade. `signal` cuts it; then its reason is thrown. */
export function upgradedPipe(
  upgraded: { readonly stream: Duplex; readonly head: Uint8Array },
  options: { readonly signal: AbortSignal; readonly subject: string },
): BytePipe {
  const { stream, head } = upgraded;
  const { signal, subject } = options;
  const onAbort = (): void => void stream.destroy();
  const failure = (cause: unknown): unknown =>
    signal.aborted ? signal.reason : explainFailure(cause, { server: subject });
  if (signal.aborted) onAbort();
  else if (!stream.destroyed) signal.addEventListener('abort', onAbort, { once: true });
  stream.once('close', () => signal.removeEventListener('abort', onAbort));
  stream.on('error', () => {}); // Who reads or writes is told.
  async function* read(): AsyncGenerator<Uint8Array, undefined> {
    if (head.length > 0) yield head;
    try {
      for await (const chunk of stream) yield chunk as Uint8Array;
    } catch (cause) {
      throw failure(cause);
    }
    if (signal.aborted) throw signal.reason;
  }
  return {
    incoming: read(),
    write: (bytes) =>
      new Promise((resolve, reject) => {
        stream.write(bytes, (cause) => (cause ? reject(failure(cause)) : resolve()));
      }),
    destroy: () => void stream.destroy(),
  };
}
