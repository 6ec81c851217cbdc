import {
  type Handler,
  type HttpBody,
  type HttpRequest,
  apiError,
  headerOf,
} from '@fairway/protocol';

export interface BodyLimit<Request> {
  /** 3 MiB, as a Kubernetes API, when absent. */
  readonly bodyBytesMax?: number;
  /** Whose bodies pass as they come, and are nowhere held; nobody's when absent. */
  readonly isPassedOn?: (request: Request) => boolean;
}

/**
 * Refuses bodies of more than `bodyBytesMax` bytes: by their announced length before anything is
 * read, and while they stream in otherwise.
 */
export function limitBody<Request extends HttpRequest>(
  { bodyBytesMax = 3 * 1024 * 1024, isPassedOn = () => false }: BodyLimit<Request>,
  next: Handler<Request>,
): Handler<Request> {
  return async (request) => {
    const { body } = request;
    if (body === undefined || isPassedOn(request)) return await next(request);
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
