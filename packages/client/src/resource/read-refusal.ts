import {
  ApiError,
  type HttpRequest,
  type HttpResponse,
  type Status,
  type StatusReason,
  failureOf,
  headerOf,
  isStatus,
} from '@fairway/protocol';
import { ConnectionError } from '../transport/connection-error.ts';

/** As much of an answer that is no Status as a message shows. */
const messageBytesMax = 2048;

/** An answer that is no success, or a success that says that it is none. */
export interface Refusal {
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  /** Of its body, as far as it was read. */
  readonly text: string;
  readonly retryAfterSeconds: number | undefined;
}

/** The error that a call throws for an answer that is not 2xx. */
export function refusalOf(refused: Refusal): ApiError {
  const value = parsedOrUndefined(refused.text);
  if (isStatus(value) && value.status !== 'Success') return failureSaid(value, refused);
  return new ApiError(synthesiseStatus(refused));
}

/** The error that a Status of a failure stands for. */
export function failureSaid(
  status: Partial<Status>,
  { response, retryAfterSeconds: seconds }: Omit<Refusal, 'text'>,
): ApiError {
  const code = status.code ?? response.status;
  const known = {
    ...status,
    reason: status.reason ?? reasonOf(code, ''),
    ...(seconds === undefined || status.details?.retryAfterSeconds !== undefined
      ? {}
      : { details: { ...status.details, retryAfterSeconds: seconds } }),
  };
  return new ApiError(failureOf(known, code));
}

/** The Status that a server would have sent that can only speak HTTP. */
function synthesiseStatus({ request, response, text, ...refused }: Refusal): Status {
  const seconds = refused.retryAfterSeconds;
  const said = truncate(text.trim());
  const asked = `${request.method} ${request.path}`;
  const reason = reasonOf(response.status, request.method);
  const message = `${asked} was answered with ${response.status}${said === '' ? '' : `: ${said}`}`;
  const details = {
    ...(said === '' ? {} : { causes: [{ reason: 'UnexpectedServerResponse', message: said }] }),
    ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }),
  };
  return failureOf({ message, reason, details }, response.status);
}

const reasons: Readonly<Record<number, StatusReason>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  409: 'Conflict',
  410: 'Expired',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  501: 'NotImplemented',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

function reasonOf(code: number, method: string): StatusReason {
  if (code === 409 && method === 'POST') return 'AlreadyExists';
  return reasons[code] ?? (code >= 500 ? 'InternalError' : 'Unknown');
}

/** What a success is worth that cannot be read. */
export function notJson(
  { request, response, text }: Omit<Refusal, 'retryAfterSeconds'>,
  cause: unknown,
): ConnectionError {
  const type = headerOf(response.headers, 'content-type') ?? 'no content type';
  return new ConnectionError({
    problem: 'malformed-answer',
    message: `${request.method} ${request.path} was answered with ${response.status}, but not in JSON (${type}): ${truncate(text)}`,
    remedy: 'check that the address is a Kubernetes API, and not a page in front of it',
    cause,
  });
}

function parsedOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function truncate(text: string): string {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= messageBytesMax) return text;
  return `${new TextDecoder().decode(bytes.subarray(0, messageBytesMax))}…`;
}
