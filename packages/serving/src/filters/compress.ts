import { Readable, pipeline } from 'node:stream';
import { constants, createGzip, gzip } from 'node:zlib';
import {
  type Handler,
  type HttpHeaders,
  type HttpRequest,
  type HttpResponse,
  headerOf,
} from '@fairway/protocol';

export interface CompressOptions<Request extends HttpRequest> {
  /** In bytes; 128 KiB, as in kube-apiserver, unless told. */
  readonly bodyBytesMin?: number;
  /** Streams that never compress: a watch must not wait until there is enough to compress. */
  readonly isLongRunning?: (request: Request) => boolean;
}

/**
 * Compresses large responses for callers that accept gzip, and those that come as a stream, which only
 * large ones do. To a caller on this machine a stream goes as it is: compressing it costs more than
 * sending it.
 */
export function compress<Request extends HttpRequest>(
  { bodyBytesMin = 128 * 1024, isLongRunning = () => false }: CompressOptions<Request>,
  next: Handler<Request>,
): Handler<Request> {
  return async (request) => {
    const response = await next(request);
    const { body } = response;
    if (body === undefined || response.headers['content-encoding'] !== undefined) return response;
    const isStream = !(body instanceof Uint8Array);
    if (isStream ? isLongRunning(request) : body.length < bodyBytesMin) return response;
    const headers: HttpHeaders = { ...response.headers, vary: varyOf(response) };
    if (request.method === 'HEAD' || !isGzipAccepted(request)) return { ...response, headers };
    if (isStream && isOnThisMachine(request)) return { ...response, headers };
    const { 'content-length': _, ...rest } = headers;
    return {
      ...response,
      headers: { ...rest, 'content-encoding': 'gzip' },
      body: isStream ? gzippedStream(body) : await gzipped(body),
    };
  };
}

/** A caller without an address is in this process, or at a socket of this machine. */
function isOnThisMachine({ peer }: HttpRequest): boolean {
  const address = peer?.address ?? '';
  return address === '' || /^(::ffff:)?127\.|^::1$/.test(address);
}

/** Source: RFC 9110 §12.5.3. */
function isGzipAccepted(request: HttpRequest): boolean {
  let isAnyAccepted = false;
  for (const item of (headerOf(request.headers, 'accept-encoding') ?? '').split(',')) {
    const [coding = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase());
    const isRefused = parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
    if (coding === 'gzip') return !isRefused;
    if (coding === '*') isAnyAccepted = !isRefused;
  }
  return isAnyAccepted;
}

function varyOf(response: HttpResponse): string {
  const vary = headerOf(response.headers, 'vary');
  if (vary === undefined) return 'Accept-Encoding';
  return /accept-encoding/i.test(vary) ? vary : `${vary}, Accept-Encoding`;
}

function gzipped(body: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    gzip(body, { level: constants.Z_BEST_SPEED }, (error, result) => {
      if (error === null) resolve(result);
      else reject(error);
    });
  });
}

/** The same at the pace of the reader. When that leaves, so is the source let go of. */
function gzippedStream(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const gzip = createGzip({ level: constants.Z_BEST_SPEED });
  // What fails is told to the reader of `gzip`.
  pipeline(Readable.from(body), gzip, () => {});
  const chunks: AsyncIterator<Uint8Array, undefined> = gzip.iterator();
  const iterator: AsyncIterator<Uint8Array, undefined> = {
    next: () => chunks.next(),
    return: async () => {
      gzip.destroy();
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}
