import { constants, gzip } from 'node:zlib';
import {
  type Handler,
  type HttpHeaders,
  type HttpRequest,
  type HttpResponse,
  headerOf,
} from '@fairway/protocol';

/**
 * Compresses large responses for callers that accept gzip. Streams are left alone: a list in runs
 * costs more CPU to compress than to send, and a watch must not wait.
 *
 * Unit: `bodyBytesMin` counts bytes; 128 KiB, as in kube-apiserver, unless told.
 */
export function compress<Request extends HttpRequest>(
  { bodyBytesMin = 128 * 1024 }: { readonly bodyBytesMin?: number },
  next: Handler<Request>,
): Handler<Request> {
  return async (request) => {
    const response = await next(request);
    const { body } = response;
    if (!(body instanceof Uint8Array) || body.length < bodyBytesMin) return response;
    if (response.headers['content-encoding'] !== undefined) return response;
    const headers: HttpHeaders = { ...response.headers, vary: varyOf(response) };
    if (request.method === 'HEAD' || !isGzipAccepted(request)) return { ...response, headers };
    const { 'content-length': _, ...rest } = headers;
    return {
      ...response,
      headers: { ...rest, 'content-encoding': 'gzip' },
      body: await gzipped(body),
    };
  };
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
