import type { Clock } from '@fairway/host';
import {
  type Handler,
  type HttpRequest,
  type HttpResponse,
  type UpgradeAnswer,
  type UpgradeHandler,
  apiError,
  parseDuration,
  onBodyEnd,
  onUpgradeEnd,
} from '@fairway/protocol';
import { releaseBody } from '../pump-body.ts';

const defaultTimeoutMs = 60_000;

export interface DeadlineOptions<
  Request extends HttpRequest,
> extends UpgradeDeadlineOptions<Request> {
  /** Watches, logs that are followed: nothing may come for as long as nothing happens. */
  readonly isLongRunning: (request: Request) => boolean;
  /** Whose answers another server writes, at a pace of its own: they are to end in time too. None when absent. */
  readonly isPassedOn?: (request: Request) => boolean;
}

export interface UpgradeDeadlineOptions<Request extends HttpRequest> {
  readonly clock: Clock;
  /** 60 s is what a Kubernetes API allows. */
  readonly timeoutMs?: number;
  /** Told of each request that had no answer in time. */
  readonly onLate?: (request: Request) => void;
}

/**
 * What the caller allows itself: `timeout=10s`, in milliseconds; undefined when it says nothing, or 0.
 *
 * Errors: BadRequest `ApiError` for what is no duration.
 * Source: kube-apiserver, `WithRequestDeadline`.
 */
function askedTimeoutMs({ query }: HttpRequest): number | undefined {
  if (!query.includes('timeout=')) return undefined;
  const asked = new URLSearchParams(query).get('timeout') ?? '';
  if (asked === '') return undefined;
  const timeoutMs = parseDuration(asked);
  if (timeoutMs === undefined) {
    const why = `time: invalid duration ${JSON.stringify(asked)}`;
    throw apiError('BadRequest', `invalid timeout specified in the request URL - ${why}`);
  }
  return timeoutMs > 0 ? timeoutMs : undefined;
}

/**
 * Answers 504 when no response has begun after `timeoutMs`, or sooner when the caller asks for that with
 * `timeout=`, and aborts the signal of the handler that still works on it. A response that has begun is
 * bounded by the reader's pace instead; one that is passed on is cut then too.
 */
export function enforceDeadline<Request extends HttpRequest>(
  options: DeadlineOptions<Request>,
  next: Handler<Request>,
): Handler<Request> {
  return async (request) => {
    if (options.isLongRunning(request)) return await next(request);
    const discard = ({ body }: HttpResponse): void => releaseBody(body);
    const { timeoutMs = defaultTimeoutMs } = options;
    const allowedMs = Math.min(timeoutMs, askedTimeoutMs(request) ?? timeoutMs);
    const allowed = { ...options, timeoutMs: allowedMs };
    const isBoundToEnd = options.isPassedOn?.(request) === true;
    const { answer, letGo } = await answerInTime(request, allowed, { next, discard, isBoundToEnd });
    return onBodyEnd(answer, letGo);
  };
}

/**
 * The same for upgrades: they are to be answered in time, and the stream then lasts as long as it
 * lasts.
 */
export function enforceUpgradeDeadline<Request extends HttpRequest>(
  options: UpgradeDeadlineOptions<Request>,
  next: UpgradeHandler<Request>,
): UpgradeHandler<Request> {
  return async (request) => {
    const { answer, letGo } = await answerInTime(request, options, {
      next,
      discard: discardUpgrade,
    });
    return onUpgradeEnd(answer, letGo);
  };
}

function discardUpgrade(answer: UpgradeAnswer): void {
  if (answer.kind === 'accepted') answer.stream.destroy();
  else releaseBody(answer.response.body);
}

interface Answering<Request, Answer> {
  readonly next: (request: Request) => Promise<Answer>;
  /** Told of an answer that came too late. */
  readonly discard: (answer: Answer) => void;
  /** Time goes on until `letGo` is called. */
  readonly isBoundToEnd?: boolean;
}

/** An answer of which the caller's signal can still end what follows, until `letGo` is called. */
async function answerInTime<Request extends HttpRequest, Answer>(
  request: Request,
  { clock, timeoutMs = defaultTimeoutMs, onLate }: UpgradeDeadlineOptions<Request>,
  { next, discard, isBoundToEnd = false }: Answering<Request, Answer>,
): Promise<{ readonly answer: Answer; readonly letGo: () => void }> {
  const controller = new AbortController();
  const { signal } = request;
  const onAbort = (): void => controller.abort(signal.reason);
  // Callers inside the process share one signal among all their calls for as long as they live.
  const letGo = (): void => {
    timer.cancel();
    signal.removeEventListener('abort', onAbort);
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  const { promise: deadline, reject } = Promise.withResolvers<never>();
  const timer = clock.schedule(timeoutMs, () => {
    const error = timeout();
    onLate?.(request);
    // Resolve before aborting: errors that the abort causes in inner handlers are then ignored.
    reject(error);
    controller.abort(error);
  });
  const answering = next({ ...request, signal: controller.signal });
  try {
    const answer = await Promise.race([answering, deadline]);
    if (!isBoundToEnd) timer.cancel();
    return { answer, letGo };
  } catch (error) {
    letGo();
    // What comes after the 504 is read by nobody: its source is told to let go.
    answering.then(discard, () => {});
    throw error;
  }
}

function timeout(): Error {
  return apiError('Timeout', 'Timeout: request did not complete within the allotted timeout');
}
