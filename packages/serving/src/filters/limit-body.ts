import {
  type Handler,
  type HttpBody,
  type HttpRequest,
  apiError,
  headerOf,
} from '@fairway/protocol';

/**
 * Refuses bodies of more than `bodyBytesMax` bytes: by their announced length before anything is
 * read, and while they stream in otherwise. 3 MiB is what a Kubernetes API accepts.
 */
export function limitBody<Request extends HttpRequest>(
  { bodyBytesMax = 3 * 1024 * 1024 }: { readonly bodyBytesMax?: number },
  next: Handler<Request>,
): Handler<Request> {
  return async (request) => {
    const { body } = request;
    if (body === undefined) return await next(request);
    const announced =
      body instanceof Uint8Array
        ? body.length
        : Number(headerOf(request.headers, 'content-length') ?? 0);
    if (announced > bodyBytesMax) throw tooLarge(bodyBytesMax);
    return await next({ ...request, body: counted(body, bodyBytesMax) });
  };
}

function counted(body: Exclude<HttpBody, undefined>, bodyBytesMax: number): HttpBody {
  return body instanceof Uint8Array ? body : countChunks(body, bodyBytesMax);
}

async function* countChunks(
  body: AsyncIterable<Uint8Array>,
  bodyBytesMax: number,
): AsyncGenerator<Uint8Array> {
  let sizeBytes = 0;
  for await (const chunk of body) {
    sizeBytes += chunk.length;
    if (sizeBytes > bodyBytesMax) throw tooLarge(bodyBytesMax);
    yield chunk;
  }
}

function tooLarge(bodyBytesMax: number): Error {
  const message = `Request entity is too large: limit is ${bodyBytesMax}`;
  return apiError('RequestEntityTooLarge', message);
}
