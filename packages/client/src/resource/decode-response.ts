import {
  ApiError,
  failureOf,
  type HttpBody,
  type HttpRequest,
  type HttpResponse,
  type Status,
  type StatusReason,
  headerOf,
} from '@fairway/protocol';
import { ConnectionError } from '../transport/connection-error.ts';

/** Beyond this no JavaScript engine has a string for it. */
const bodyBytesMax = 512 * 1024 * 1024 - 64;
/** As much of an answer that is no Status as a message shows. */
const messageBytesMax = 2048;
/** A refusal that is longer than this is cut. */
const errorBytesMax = 1024 * 1024;

/**
 * The JSON value of an answer; undefined when it has no body.
 *
 * Errors: `ApiError` when the server refused, also by a Status "Failure" under a 2xx code;
 * `ConnectionError` when what came is not JSON.
 */
export async function decodeResponse(
  request: HttpRequest,
  response: HttpResponse,
): Promise<unknown> {
  if (!isSuccess(response.status)) throw await readRefusal(request, response);
  const text = await readText(response.body, bodyBytesMax);
  if (text === '') return undefined;
  const value = parseJson(text, request, response);
  if (isStatus(value) && value.status !== 'Success') throw refusal(value, response);
  return value;
}

/** Throws for an answer that is not 2xx; otherwise the body is still to be read. */
export async function requireSuccess(request: HttpRequest, response: HttpResponse): Promise<void> {
  if (!isSuccess(response.status)) throw await readRefusal(request, response);
}

/** All bytes of a body. Errors: `RangeError` beyond `bytesMax`. */
export async function readBody(body: HttpBody, bytesMax: number): Promise<Uint8Array> {
  if (body === undefined) return new Uint8Array();
  if (body instanceof Uint8Array) return body;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > bytesMax) throw tooLong(bytesMax);
    chunks.push(chunk);
  }
  return joinBytes(chunks, length);
}

// Chunk by chunk, so that the bytes and the text of a long list are not there at the same time.
async function readText(body: HttpBody, bytesMax: number): Promise<string> {
  const decoder = new TextDecoder();
  if (body === undefined) return '';
  if (body instanceof Uint8Array) return decoder.decode(body);
  let text = '';
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > bytesMax) throw tooLong(bytesMax);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function tooLong(bytesMax: number): RangeError {
  return new RangeError(
    `the answer is longer than ${bytesMax} bytes: ask for less, with "limit" or a selector`,
  );
}

/** Reads a refusal into the error that a call throws. */
async function readRefusal(request: HttpRequest, response: HttpResponse): Promise<ApiError> {
  const text = new TextDecoder().decode(await readStart(response.body, errorBytesMax));
  const value = parsedOrUndefined(text);
  if (isStatus(value) && value.status !== 'Success') return refusal(value, response);
  return new ApiError(synthesiseStatus({ request, response, text }));
}

function refusal(status: Partial<Status>, response: HttpResponse): ApiError {
  const seconds = retryAfterSeconds(response);
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
function synthesiseStatus(refused: {
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  readonly text: string;
}): Status {
  const { request, response } = refused;
  const seconds = retryAfterSeconds(response);
  const said = truncate(refused.text.trim());
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

/** The whole seconds of a Retry-After header; undefined when there are none. */
export function retryAfterSeconds(response: HttpResponse): number | undefined {
  const text = headerOf(response.headers, 'retry-after')?.trim() ?? '';
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function isSuccess(status: number): boolean {
  return status >= 200 && status <= 206;
}

function isStatus(value: unknown): value is Partial<Status> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    value.kind === 'Status' &&
    (!('apiVersion' in value) || value.apiVersion === 'v1')
  );
}

function parseJson(text: string, request: HttpRequest, response: HttpResponse): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const type = headerOf(response.headers, 'content-type') ?? 'no content type';
    throw new ConnectionError({
      problem: 'malformed-answer',
      message: `${request.method} ${request.path} was answered with ${response.status}, but not in JSON (${type}): ${truncate(text)}`,
      remedy: 'check that the address is a Kubernetes API, and not a page in front of it',
      cause,
    });
  }
}

function parsedOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function readStart(body: HttpBody, bytesMax: number): Promise<Uint8Array> {
  if (body === undefined) return new Uint8Array();
  if (body instanceof Uint8Array) return body.subarray(0, bytesMax);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= bytesMax) break;
  }
  return joinBytes(chunks, length).subarray(0, bytesMax);
}

function joinBytes(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const [first] = chunks;
  if (first !== undefined && chunks.length === 1) return first;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    joined.set(chunk, offset);
    offset += chunk.length;
  }
  return joined;
}

function truncate(text: string): string {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= messageBytesMax) return text;
  return `${new TextDecoder().decode(bytes.subarray(0, messageBytesMax))}…`;
}
