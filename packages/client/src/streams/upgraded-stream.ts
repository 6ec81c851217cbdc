import type { ByteStream } from '@fairway/protocol';
import { explainFailure } from '../transport/explain-failure.ts';

/** What the protocols of pods need of a connection; one of them may run inside another. */
export type BytePipe = Pick<ByteStream, 'incoming' | 'write' | 'destroy'>;

/** A stream whose failures are `ConnectionError`s. `signal` cuts it; then its reason is thrown. */
export function upgradedStream(
  stream: ByteStream,
  options: { readonly signal: AbortSignal; readonly subject: string },
): ByteStream {
  const { signal, subject } = options;
  const onAbort = (): void => stream.destroy();
  const explained = async <T>(promised: Promise<T>): Promise<T> => {
    try {
      return await promised;
    } catch (cause) {
      throw signal.aborted ? signal.reason : explainFailure(cause, { server: subject });
    }
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  void stream.closed.then(() => signal.removeEventListener('abort', onAbort));
  async function* read(): AsyncGenerator<Uint8Array, undefined> {
    const bytes = stream.incoming[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await explained(bytes.next());
        if (next.done === true) break;
        yield next.value;
      }
    } finally {
      await bytes.return?.();
    }
    if (signal.aborted) throw signal.reason;
  }
  return {
    incoming: read(),
    closed: stream.closed,
    write: (bytes) => explained(stream.write(bytes)),
    end: () => explained(stream.end()),
    destroy: () => stream.destroy(),
  };
}
