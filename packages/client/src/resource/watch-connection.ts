import {
  ApiError,
  type Handler,
  type HttpRequest,
  type KubernetesObject,
  type Status,
} from '@fairway/protocol';
import { ConnectionError } from '../transport/connection-error.ts';
import { requireSuccess } from './decode-response.ts';

/** What happened to an object, or how far the server has looked. */
export interface ObjectEvent<T extends KubernetesObject> {
  /** A BOOKMARK carries only a resourceVersion, and says that nothing before it was left out. */
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: T;
}

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
    const splitter = eventSplitter<T>(request);
    const { body } = response;
    for await (const chunk of body instanceof Uint8Array ? [body] : (body ?? [])) {
      const events = splitter.push(chunk);
      if (events.length > 0) yield events;
    }
    const last = splitter.end();
    if (last.length > 0) yield last;
    request.signal.throwIfAborted();
  } finally {
    controller.abort();
  }
}

/** Longer than the largest object a server stores, many times over. */
const eventLengthMax = 64 * 1024 * 1024;

/** Cuts chunks into lines and lines into events. */
function eventSplitter<T extends KubernetesObject>(
  request: HttpRequest,
): {
  push(chunk: Uint8Array): ObjectEvent<T>[];
  end(): ObjectEvent<T>[];
} {
  const decoder = new TextDecoder();
  let rest = '';
  const read = (text: string, isEnd: boolean): ObjectEvent<T>[] => {
    const lines = (rest + text).split('\n');
    rest = isEnd ? '' : (lines.pop() ?? '');
    if (rest.length > eventLengthMax) throw malformed(request, 'an event without an end');
    return lines.filter((line) => line.trim() !== '').map((line) => parseEvent<T>(line, request));
  };
  return {
    push: (chunk) => read(decoder.decode(chunk, { stream: true }), false),
    end: () => read(decoder.decode(), true),
  };
}

function parseEvent<T extends KubernetesObject>(
  line: string,
  request: HttpRequest,
): ObjectEvent<T> {
  let event: Partial<ObjectEvent<T>> | { type: 'ERROR'; object: Status } | null;
  try {
    event = JSON.parse(line) as typeof event;
  } catch (cause) {
    throw malformed(request, 'half an event', cause);
  }
  if (event?.type === 'ERROR') throw new ApiError(event.object);
  if (event?.type === undefined || event.object === undefined) {
    throw malformed(request, 'a line that is no event');
  }
  return event as ObjectEvent<T>;
}

function malformed(request: HttpRequest, what: string, cause?: unknown): ConnectionError {
  return new ConnectionError({
    problem: 'malformed-answer',
    message: `the watch ${request.path} brought ${what}`,
    cause,
  });
}
