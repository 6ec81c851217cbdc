import { Readable } from 'node:stream';
import { type HttpBody, type HttpResponse, headerOf } from '@fairway/protocol';
import type { ProxiedPlace } from './local-link.ts';

/**
 * A page whose links lead through the proxy, rewritten as it passes. One that is compressed in a way that is
 * not known here, and a part of a page, are as they were.
 */
export function withLocalLinks(response: HttpResponse, place: ProxiedPlace): HttpResponse {
  const { status, body } = response;
  const { 'content-length': _, 'content-encoding': __, ...headers } = response.headers;
  const encoding = headerOf(response.headers, 'content-encoding')?.toLowerCase() ?? 'identity';
  if (status === 206 || !encodings.has(encoding)) return response;
  if (body === undefined) return { ...response, headers };
  return { status, headers, body: rewritten(body, encoding, place) };
}

const encodings: ReadonlySet<string> = new Set([
  'identity',
  'gzip',
  'x-gzip',
  'deflate',
  'br',
  'zstd',
]);

async function* rewritten(
  body: NonNullable<HttpBody>,
  encoding: string,
  place: ProxiedPlace,
): AsyncGenerator<Uint8Array, undefined> {
  // Loaded with the first page: most of what is proxied is none.
  const { LinkRewriter } = await import('./link-rewriter.ts');
  const rewriter = new LinkRewriter(place);
  const bytes = encoding === 'identity' ? chunksOf(body) : decompressed(body, encoding);
  for await (const chunk of bytes) {
    // Every byte is a character, so that all encodings of text pass that have ASCII in them.
    const text = rewriter.write(
      Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString('latin1'),
    );
    if (text !== '') yield Buffer.from(text, 'latin1');
  }
  const rest = rewriter.end();
  if (rest !== '') yield Buffer.from(rest, 'latin1');
}

async function* chunksOf(body: NonNullable<HttpBody>): AsyncGenerator<Uint8Array> {
  if (body instanceof Uint8Array) yield body;
  else yield* body;
}

async function* decompressed(
  body: NonNullable<HttpBody>,
  encoding: string,
): AsyncGenerator<Uint8Array> {
  const zlib = await import('node:zlib');
  const decoder =
    encoding === 'br'
      ? zlib.createBrotliDecompress()
      : encoding === 'zstd'
        ? zlib.createZstdDecompress()
        : encoding === 'deflate'
          ? zlib.createInflate()
          : zlib.createGunzip();
  const source = Readable.from(chunksOf(body));
  source.on('error', (error) => decoder.destroy(error));
  try {
    yield* source.pipe(decoder) as AsyncIterable<Uint8Array>;
  } finally {
    source.destroy();
    decoder.destroy();
  }
}
