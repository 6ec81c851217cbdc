import type { AuthenticatedRequest } from '@fairway/access';
import {
  ApiError,
  type Handler,
  type HttpBody,
  type HttpResponse,
  apiError,
} from '@fairway/protocol';
import type { Clock } from '@fairway/host';
import { refusalWithHeaders } from '../calls/refusal-with-headers.ts';
import type { RequestFairness } from './request-fairness.ts';
import { holdWhileWorking } from './hold-while-working.ts';

/** The beginning of a stream that lasts: what it costs at once. */
export interface BeginningBody extends AsyncIterable<Uint8Array> {
  /** Calls `run` once when the stream has told what is there already, or has ended; at once when that is past. */
  whenBegun(run: () => void): void;
}

export interface FairnessOptions<Request extends AuthenticatedRequest> {
  readonly fairness: RequestFairness;
  readonly clock: Clock;
  /** Streams that are bounded elsewhere, and watches. */
  readonly isLongRunning: (request: Request) => boolean;
  /** Told of each request that is refused. */
  readonly onRefused?: (request: Request) => void;
}

/**
 * Filter: has each request wait until its priority level has seats for it, and answers 429 with
 * `Retry-After: 1` when it cannot wait there. A watch takes seats until it has told what is there
 * already; other streams that last are passed on. Each answer says by headers where it belonged.
 */
export function queueFairly<Request extends AuthenticatedRequest>(
  { fairness, clock, isLongRunning, onRefused }: FairnessOptions<Request>,
  next: Handler<Request>,
): Handler<Request> {
  return async (request) => {
    const isWatch = request.target.isResource && request.target.verb === 'watch';
    if (!isWatch && isLongRunning(request)) return await next(request);
    const into = fairness.sort(request);
    const { headers } = into;
    let leave: Leave | undefined;
    try {
      const entering = fairness.enter(request, into);
      const turn = entering instanceof Promise ? await entering : entering;
      if (turn.kind === 'refused') {
        onRefused?.(request);
        throw tooMany();
      }
      leave = turn.leave;
      const answer = await next(request);
      const response = { ...answer, headers: { ...answer.headers, ...headers } };
      return isWatch ? leaveWhenBegun(response, leave) : holdWhileWorking(response, leave, clock);
    } catch (error) {
      leave?.();
      throw error instanceof ApiError ? refusalWithHeaders(error, headers) : error;
    }
  };
}

type Leave = () => void;

function tooMany(): ApiError {
  const message = 'Too many requests, please try again later.';
  return apiError('TooManyRequests', message, { retryAfterSeconds: 1 });
}

function leaveWhenBegun(response: HttpResponse, leave: Leave): HttpResponse {
  if (tellsItsBeginning(response.body)) response.body.whenBegun(leave);
  else leave();
  return response;
}

function tellsItsBeginning(body: HttpBody): body is BeginningBody {
  return body !== undefined && 'whenBegun' in body;
}
