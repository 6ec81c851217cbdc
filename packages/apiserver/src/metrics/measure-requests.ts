import type { TargetedRequest } from '@fairway/access';
import {
  ApiError,
  type Handler,
  type HttpBody,
  type HttpResponse,
  type UpgradeHandler,
  onBodyEnd,
} from '@fairway/protocol';
import type { RequestMetrics } from './request-metrics.ts';

/**
 * Filter: counts and measures requests, to the end of their answers. `metrics` absent: nobody counts.
 */
export function measureRequests(
  metrics: RequestMetrics | undefined,
  isLongRunning: (request: TargetedRequest) => boolean,
  next: Handler<TargetedRequest>,
): Handler<TargetedRequest> {
  if (metrics === undefined) return next;
  return async (request) => {
    const measured = metrics.begin(request, isLongRunning(request));
    if (measured === undefined) return next(request);
    let response: HttpResponse;
    try {
      response = await next(request);
    } catch (error) {
      measured.end(codeOf(error, request), 0);
      throw error;
    }
    const { body, status } = response;
    if (isWhole(body)) {
      measured.end(status, body?.length ?? 0);
      return response;
    }
    if (!measured.isSizeCounted) return onBodyEnd(response, () => measured.end(status, 0));
    let sentBytes = 0;
    const counted = countBytes(body, (bytes) => (sentBytes += bytes));
    return onBodyEnd({ ...response, body: counted }, () => measured.end(status, sentBytes));
  };
}

/** The same for upgrades: a stream lasts until it is closed. */
export function measureUpgrades(
  metrics: RequestMetrics | undefined,
  next: UpgradeHandler<TargetedRequest>,
): UpgradeHandler<TargetedRequest> {
  if (metrics === undefined) return next;
  return async (request) => {
    const measured = metrics.begin(request, true);
    if (measured === undefined) return next(request);
    try {
      const answer = await next(request);
      if (answer.kind === 'accepted') void answer.stream.closed.then(() => measured.end(101, 0));
      else measured.end(answer.response.status, 0);
      return answer;
    } catch (error) {
      measured.end(codeOf(error, request), 0);
      throw error;
    }
  };
}

/** Told by the filters that keep a server going. */
export interface TerminationCounters {
  readonly onRefused: (request: TargetedRequest) => void;
  readonly onLate: (request: TargetedRequest) => void;
}

/** Counts what the server refuses or cuts off so that it can go on. */
export function countTerminations(
  metrics: RequestMetrics | undefined,
  isLongRunning: (request: TargetedRequest) => boolean,
): TerminationCounters {
  return {
    onRefused: (request) => metrics?.terminated(request, 429, isLongRunning(request)),
    onLate: (request) => metrics?.terminated(request, 504, isLongRunning(request)),
  };
}

/** Counts the bytes of bodies that have been read. */
export function countBodies(
  metrics: RequestMetrics | undefined,
): (request: TargetedRequest, bytes: number) => void {
  return (request, bytes) => metrics?.bodyRead(request, bytes);
}

/** What `reportErrors` makes of it. */
function codeOf(error: unknown, { signal }: TargetedRequest): number {
  if (error instanceof ApiError) return error.code;
  return signal.aborted ? 504 : 500;
}

function isWhole(body: HttpBody): body is Uint8Array | undefined {
  return body === undefined || body instanceof Uint8Array;
}

function countBytes(
  body: AsyncIterable<Uint8Array>,
  add: (bytes: number) => void,
): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const chunks = body[Symbol.asyncIterator]();
      return {
        async next() {
          const result = await chunks.next();
          if (result.done !== true) add(result.value.length);
          return result;
        },
        async return() {
          await chunks.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}
