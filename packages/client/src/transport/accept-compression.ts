import { Readable } from 'node:stream';
import { type Handler, headerOf, type HttpResponse } from '@fairway/protocol';
import { ConnectionError } from './connection-error.ts';

/** Takes gzip from the server and gives plain bytes to the caller, who asked for nothing else. */
export function acceptCompression(next: Handler): Handler {
  return async (request) => {
    if (request.headers['accept-encoding'] !== undefined) return next(request);
    const headers = { ...request.headers, 'accept-encoding': 'gzip' };
    const response = await next({ ...request, headers });
    const isCompressed = headerOf(response.headers, 'content-encoding')?.toLowerCase() === 'gzip';
    return isCompressed ? decompressed(response) : response;
  };
}

function decompressed(response: HttpResponse): HttpResponse {
  const { 'content-encoding': _, 'content-length': __, ...headers } = response.headers;
  return { ...response, headers, body: decompress(response) };
}

async function* decompress({ body }: HttpResponse): AsyncGenerator<Uint8Array, void, undefined> {
  if (body === undefined) return;
  // Loaded with the first compressed answer: many servers never send one.
  const { constants, createGunzip } = await import('node:zlib');
  const source = Readable.from(body instanceof Uint8Array ? [body] : body);
  const gunzip = createGunzip({ flush: constants.Z_SYNC_FLUSH });
  let failure: unknown;
  source.on('error', (error) => {
    failure = error;
    gunzip.destroy(error);
  });
  try {
    yield* source.pipe(gunzip) as AsyncIterable<Uint8Array>;
  } catch (cause) {
    if (failure !== undefined) throw failure;
    throw new ConnectionError({
      problem: 'malformed-answer',
      message: 'the answer is said to be gzip, but cannot be decompressed',
      cause,
    });
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}
