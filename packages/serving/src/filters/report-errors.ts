import type { Logger } from '@fairway/host';
import {
  ApiError,
  type Handler,
  type HttpRequest,
  type HttpResponse,
  type UpgradeHandler,
  apiError,
  headerOf,
  internalError,
} from '@fairway/protocol';
import { type Answers, type ReplyForm, responses, upgrades } from './reply-form.ts';

export interface ReportOptions {
  readonly logger: Logger;
  /** How a caller is told; absent: with a Status. */
  readonly write?: (error: ApiError) => HttpResponse;
}

/**
 * The filter that turns what the inner handlers throw into a Status for the caller.
 *
 * An `ApiError` says itself what to tell; anything else is our fault: the caller learns a request
 * id, the log learns the rest.
 */
export function reportErrors<Request extends HttpRequest>(
  options: ReportOptions,
  next: Handler<Request>,
): Handler<Request> {
  return report(responses, options, next);
}

/** The same for upgrades, which are refused with the Status. */
export function reportUpgradeErrors<Request extends HttpRequest>(
  options: ReportOptions,
  next: UpgradeHandler<Request>,
): UpgradeHandler<Request> {
  return report(upgrades, options, next);
}

function report<Request extends HttpRequest, Reply>(
  form: ReplyForm<Reply>,
  { logger, write = statusResponse }: ReportOptions,
  next: Answers<Request, Reply>,
): Answers<Request, Reply> {
  return async (request) => {
    try {
      return await next(request);
    } catch (error) {
      return form.refusal(write(refusalOf(error, request, logger)));
    }
  };
}

type FailedRequest = Pick<HttpRequest, 'method' | 'path' | 'headers' | 'signal'>;

/** What is sent, as a Status, for something that was thrown. */
export function errorResponse(
  error: unknown,
  request: FailedRequest,
  logger: Logger,
): HttpResponse {
  return statusResponse(refusalOf(error, request, logger));
}

/** The one place where an error becomes what a caller is told. */
function refusalOf(error: unknown, request: FailedRequest, logger: Logger): ApiError {
  const { method, path } = request;
  const requestId = headerOf(request.headers, 'audit-id');
  if (error instanceof ApiError) {
    if (error.detail !== undefined || error.code >= 500) {
      const { message, detail } = error;
      // Most messages end in that of their cause.
      const isTold = error.cause instanceof Error && message.endsWith(error.cause.message);
      const cause = isTold ? undefined : error.cause;
      logger.warn('request refused', { method, path, requestId, message, detail, cause });
    }
    return error;
  }
  if (request.signal.aborted) {
    // The caller has left, which caused the failure; this response is not read.
    logger.debug('request abandoned by its caller', { method, path, requestId });
    return apiError('Timeout', 'the caller went away');
  }
  logger.error('request failed', { method, path, requestId, error });
  const hint = requestId === undefined ? '' : ` (request id ${requestId})`;
  return internalError(`the server could not answer; its log says why${hint}`);
}

/** What a caller is sent for an `ApiError`. */
export function statusResponse(error: ApiError): HttpResponse {
  const { status } = error;
  const retryAfterSeconds = status.details?.retryAfterSeconds;
  return {
    status: isSendable(status.code) ? status.code : 500,
    headers: {
      ...error.headers,
      'content-type': 'application/json',
      'cache-control': 'no-cache, private',
      ...(retryAfterSeconds === undefined || retryAfterSeconds <= 0
        ? {}
        : { 'retry-after': String(retryAfterSeconds) }),
    },
    body: Buffer.from(`${JSON.stringify(status)}\n`),
  };
}

function isSendable(code: number): boolean {
  return Number.isInteger(code) && code >= 200 && code <= 599;
}
