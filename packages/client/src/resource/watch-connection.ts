import {
  ApiError,
  failureOf,
  type Handler,
  type HttpRequest,
  type KubernetesObject,
  LineSplitter,
  LineTooLongError,
  type Status,
  type WatchEvent,
  parseWatchFrame,
} from '@fairway/protocol';
import { ConnectionError } from '../transport/connection-error.ts';
import { requireSuccess } from './decode-response.ts';

/**
 * What happened to an object, or how far the server has looked: a BOOKMARK says that nothing
 * before its resourceVersion was left out.
 */
export type ObjectEvent<T extends KubernetesObject> = Exclude<
  WatchEvent<T>,
  { readonly type: 'ERROR' }
>;

/**
 * The events of one connection. It ends when the server ends it.
 *
 * Leaving the loop closes the connection.
 * Errors: `ApiError` when the server refused or sent an ERROR event (`isExpired`: list again);
 * `ConnectionError` when the connection broke.
 */
export interface EventStream<T extends KubernetesObject> extends AsyncIterable<ObjectEvent<T>> {
  /** The same events in the groups in which they arrived: less work per event. */
  batches(): AsyncGenerator<readonly ObjectEvent<T>[], void, undefined>;
}

/** Watches over one connection. Nothing is sent before the first event is asked for. */
export function watchConnection<T extends KubernetesObject>(
  transport: Handler,
  request: (signal: AbortSignal) => HttpRequest,
): EventStream<T> {
  const batches = (): AsyncGenerator<readonly ObjectEvent<T>[], void, undefined> =>
    readBatches<T>(transport, request);
  return {
    batches,
    async *[Symbol.asyncIterator]() {
      for await (const batch of batches()) yield* batch;
    },
  };
}

async function* readBatches<T extends KubernetesObject>(
  transport: Handler,
  makeRequest: (signal: AbortSignal) => HttpRequest,
): AsyncGenerator<readonly ObjectEvent<T>[], void, undefined> {
  const controller = new AbortController();
  const request = makeRequest(controller.signal);
  try {
    const response = await transport(request);
    await requireSuccess(request, response);
    const splitter = new LineSplitter({ lineBytesMax: eventBytesMax });
    const { body } = response;
    for await (const chunk of body instanceof Uint8Array ? [body] : (body ?? [])) {
      const { events, failure } = parseLines<T>(splitLines(splitter, chunk, request), request);
      if (events.length > 0) yield events;
      if (failure !== undefined) throw failure;
    }
    if (splitter.rest().length > 0) throw malformed(request, 'half an event at its end');
    request.signal.throwIfAborted();
  } finally {
    controller.abort();
  }
}

/** Longer than the largest object a server stores, many times over. */
const eventBytesMax = 64 * 1024 * 1024;

function splitLines(
  splitter: LineSplitter,
  chunk: Uint8Array,
  request: HttpRequest,
): readonly Uint8Array[] {
  try {
    return splitter.push(chunk);
  } catch (error) {
    if (error instanceof LineTooLongError)
      throw malformed(request, 'an event without an end', error);
    throw error;
  }
}

// Events before a failure are valid and are delivered first.
function parseLines<T extends KubernetesObject>(
  lines: readonly Uint8Array[],
  request: HttpRequest,
): { readonly events: readonly ObjectEvent<T>[]; readonly failure?: Error } {
  const events: ObjectEvent<T>[] = [];
  for (const line of lines) {
    const parsed = parseWatchFrame<T>(line);
    if (parsed.kind === 'malformed') return { events, failure: malformed(request, parsed.problem) };
    if (parsed.event.type === 'ERROR') return { events, failure: toError(parsed.event.object) };
    events.push(parsed.event);
  }
  return { events };
}

function toError(status: Partial<Status>): ApiError {
  return new ApiError(failureOf({ reason: 'InternalError', ...status }, 500));
}

function malformed(request: HttpRequest, what: string, cause?: unknown): ConnectionError {
  return new ConnectionError({
    problem: 'malformed-answer',
    message: `the watch ${request.path} brought ${what}`,
    cause,
  });
}
