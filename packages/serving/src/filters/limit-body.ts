import { type Handler, type HttpRequest, apiError, headerOf } from '@fairway/protocol';

export interface BodyLimit<Request> {
  /** 3 MiB, as a Kubernetes API, when absent. */
  readonly bodyBytesMax?: number;
  /** Whose bodies pass as they come, and are nowhere held; nobody's when absent. */
  readonly isPassedOn?: (request: Request) => boolean;
  /** Told how long a body was when all of it has been read; 0 of a request without one. */
  readonly onRead?: (request: Request, bytes: number) => void;
}

/**
 * Refuses bodies of more than `bodyBytesMax` bytes: by their announced length before anything is
 * read, and while they stream in otherwise.
 */
export function limitBody<Request extends HttpRequest>(
  { bodyBytesMax = 3 * 1024 * 1024, isPassedOn = () => false, onRead }: BodyLimit<Request>,
  next: Handler<Request>,
): Handler<Request> {
  return async (request) => {
    const { body } = request;
    if (isPassedOn(request)) return await next(request);
    if (body === undefined || body instanceof Uint8Array) {
      const bytes = body?.length ?? 0;
      if (bytes > bodyBytesMax) throw tooLarge(bodyBytesMax);
      onRead?.(request, bytes);
      return await next(request);
    }
    const announced = Number(headerOf(request.headers, 'content-length') ?? 0);
    if (announced > bodyBytesMax) throw tooLarge(bodyBytesMax);
    const counted = countChunks(body, bodyBytesMax, (bytes) => onRead?.(request, bytes));
    return await next({ ...request, body: counted });
  };
}

async function* countChunks(
  body: AsyncIterable<Uint8Array>,
  bodyBytesMax: number,
  onEnd: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  let sizeBytes = 0;
  for await (const chunk of body) {
    sizeBytes += chunk.length;
    if (sizeBytes > bodyBytesMax) throw tooLarge(bodyBytesMax);
    yield chunk;
  }
  onEnd(sizeBytes);
}

function tooLarge(bodyBytesMax: number): Error {
  const message = `Request entity is too large: limit is ${bodyBytesMax}`;
  return apiError('RequestEntityTooLarge', message);
}
