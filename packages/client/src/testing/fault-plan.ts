/** Servers and networks at their worst, for tests of what talks to them. */
import { type Clock, sleep, untilAborted } from '@fairway/host';
import {
  type Handler,
  type HttpBody,
  type HttpRequest,
  type HttpResponse,
  type Status,
  type StatusReason,
  encodeWatchFrame,
  stringifyJson,
} from '@fairway/protocol';
import { ConnectionError } from '../transport/connection-error.ts';

/** Something that goes wrong with one request, or with several one after the other. */
export type Fault =
  /** The server answers with this code and nothing else, `times` times. */
  | {
      readonly kind: 'refuse';
      readonly code: 403 | 409 | 410 | 429 | 500 | 503 | 504;
      readonly times?: number;
      readonly retryAfterSeconds?: number;
    }
  /** Connections are refused. */
  | { readonly kind: 'unreachable'; readonly times?: number }
  /** The request is carried out, and the connection breaks before anybody is told. */
  | { readonly kind: 'lose-answer' }
  /** The request is swallowed: no answer comes, ever. */
  | { readonly kind: 'swallow' }
  /** The answer takes its time. */
  | { readonly kind: 'delay'; readonly delayMs: number }
  /** The answer stops after so many lines, which are the events of a watch. */
  | {
      readonly kind: 'cut';
      readonly afterEvents: number;
      /**
       * `end`: the server closes. `reset`: the connection breaks. `mid-frame`: it breaks within the
       * next line. `half-open`: nothing more arrives, and the connection stays open.
       */
      readonly how: 'end' | 'reset' | 'mid-frame' | 'half-open';
    }
  /** The server ends a watch with an ERROR event after so many others. */
  | {
      readonly kind: 'error-event';
      readonly afterEvents: number;
      readonly code: 410 | 429 | 500;
    }
  /** Something happens before the request arrives: a compaction, a restart. */
  | { readonly kind: 'meanwhile'; readonly run: () => void | Promise<void> };

/** A transport, or a server, with faults in front of it. */
export interface FaultyHandler {
  readonly handler: Handler;
  /** Faults that have not happened yet. */
  remaining(): number;
}

/**
 * Lets one fault after the other happen to the requests that lists and watches make (or those that
 * `matches`), and then lets all through.
 */
export function withFaults(
  next: Handler,
  plan: {
    readonly faults: readonly Fault[];
    readonly clock: Clock;
    readonly matches?: (request: HttpRequest) => boolean;
  },
): FaultyHandler {
  const { clock, matches = ({ method }) => method === 'GET' } = plan;
  const waiting = plan.faults.flatMap((fault) =>
    Array.from({ length: 'times' in fault ? (fault.times ?? 1) : 1 }, () => fault),
  );
  const handler: Handler = async (request) => {
    const fault = matches(request) ? waiting.shift() : undefined;
    return fault === undefined ? next(request) : strike(fault, { request, next, clock });
  };
  return { handler, remaining: () => waiting.length };
}

interface Struck {
  readonly request: HttpRequest;
  readonly next: Handler;
  readonly clock: Clock;
}

async function strike(fault: Fault, { request, next, clock }: Struck): Promise<HttpResponse> {
  switch (fault.kind) {
    case 'refuse':
      return refusal(fault);
    case 'unreachable': {
      const message = `${request.path}: nobody listens`;
      throw new ConnectionError({ problem: 'refused', message, isUnsent: true });
    }
    case 'lose-answer': {
      await next(request);
      const message = `${request.path}: cut before the answer by a fault plan`;
      throw new ConnectionError({ problem: 'reset', message });
    }
    case 'swallow':
      await untilAborted(request.signal);
      throw request.signal.reason;
    case 'delay':
      await sleep(clock, fault.delayMs, request.signal);
      return next(request);
    case 'meanwhile':
      await fault.run();
      return next(request);
    case 'cut':
    case 'error-event': {
      const response = await next(request);
      return { ...response, body: cutBody(response.body, fault, request) };
    }
  }
}

type BodyFault = Extract<Fault, { readonly kind: 'cut' | 'error-event' }>;

async function* cutBody(
  body: HttpBody,
  fault: BodyFault,
  { path, signal }: HttpRequest,
): AsyncGenerator<Uint8Array, void, undefined> {
  let left = fault.afterEvents;
  const isWithin = fault.kind === 'cut' && fault.how === 'mid-frame';
  const chunks = body instanceof Uint8Array ? [body] : (body ?? []);
  // A cut before the first event does not wait for one.
  for await (const chunk of left > 0 || isWithin ? chunks : []) {
    const end = endOfLines(chunk, left);
    left -= end.lines;
    if (left > 0) {
      yield chunk;
      continue;
    }
    if (end.offset > 0) yield chunk.subarray(0, end.offset);
    if (isWithin && end.offset === chunk.length) continue;
    if (isWithin) yield chunk.subarray(end.offset, end.offset + 7);
    break;
  }
  if (fault.kind === 'error-event') yield errorFrame(fault.code);
  else if (fault.how === 'half-open') await untilAborted(signal);
  else if (fault.how !== 'end') {
    throw new ConnectionError({ problem: 'reset', message: `${path}: cut by a fault plan` });
  }
}

/** Where the first `wanted` lines of a chunk end, and how many there are. */
function endOfLines(chunk: Uint8Array, wanted: number): { offset: number; lines: number } {
  let offset = 0;
  let lines = 0;
  while (lines < wanted) {
    const at = chunk.indexOf(0x0a, offset);
    if (at === -1) break;
    offset = at + 1;
    lines++;
  }
  return { offset, lines };
}

function errorFrame(code: number): Uint8Array {
  return encodeWatchFrame('ERROR', encode(statusOf(code)));
}

function refusal(fault: Extract<Fault, { readonly kind: 'refuse' }>): HttpResponse {
  const { code, retryAfterSeconds } = fault;
  const later = retryAfterSeconds === undefined ? {} : { 'retry-after': `${retryAfterSeconds}` };
  return {
    status: code,
    headers: { 'content-type': 'application/json', ...later },
    body: encode(statusOf(code)),
  };
}

const reasons: Readonly<Record<number, StatusReason>> = {
  403: 'Forbidden',
  409: 'Conflict',
  410: 'Expired',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

function statusOf(code: number): Status {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'by a fault plan',
    reason: reasons[code] ?? 'Unknown',
    code,
  };
}

function encode(value: object): Uint8Array {
  return new TextEncoder().encode(stringifyJson(value));
}
