import { channel } from 'node:diagnostics_channel';
import type { Clock } from '@fairway/host';
import type { Handler, HttpRequest } from '@fairway/protocol';

/** Published under `fairway:client:response` when there is an answer, or a failure instead. */
export interface TracedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** Absent when there was no answer. */
  readonly status?: number;
  readonly error?: unknown;
  /** From the call to the head of the answer, with all retries. */
  readonly elapsedMs: number;
}

/** Trace context that goes with a request. Source: W3C Trace Context. */
export interface TraceContext {
  readonly traceparent: string;
  readonly tracestate?: string;
}

/**
 * Lets `node:diagnostics_channel` subscribers see every request: `fairway:client:request` before
 * it is sent, `fairway:client:response` after. Nothing of headers or bodies is published.
 */
export function traceRequests(clock: Clock, next: Handler): Handler {
  const asked = channel('fairway:client:request');
  const answered = channel('fairway:client:response');
  return async (request) => {
    if (!asked.hasSubscribers && !answered.hasSubscribers) return next(request);
    const { method, path, query } = request;
    const sinceMs = clock.elapsed();
    const publish = (outcome: { status: number } | { error: unknown }): void => {
      const elapsedMs = clock.elapsed() - sinceMs;
      answered.publish({ method, path, query, elapsedMs, ...outcome } satisfies TracedRequest);
    };
    asked.publish({ method, path, query });
    try {
      const response = await next(request);
      publish({ status: response.status });
      return response;
    } catch (error) {
      publish({ error });
      throw error;
    }
  };
}

/** Sends the trace context along that is current when a request is made. */
export function passTraceContext(current: () => TraceContext | undefined, next: Handler): Handler {
  return (request) => {
    const context = current();
    const isKnown = request.headers['traceparent'] !== undefined;
    if (context === undefined || isKnown || !isTraceparent(context.traceparent))
      return next(request);
    return next(withContext(request, context));
  };
}

function withContext(request: HttpRequest, { traceparent, tracestate }: TraceContext): HttpRequest {
  const added = { traceparent, ...(tracestate === undefined ? {} : { tracestate }) };
  return { ...request, headers: { ...request.headers, ...added } };
}

function isTraceparent(text: string): boolean {
  return /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/.test(text);
}
