import {
  type HttpBody,
  type HttpRequest,
  type HttpResponse,
  isStatus,
  startOfBody,
  hasLongNumber,
} from '@fairway/protocol';
import { tooLong } from '../transport/read-body.ts';
import { retryAfterSeconds } from '../transport/retry-after.ts';

/** Beyond this no JavaScript engine has a string for it. */
const bodyBytesMax = 512 * 1024 * 1024 - 64;
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
  const value = await readJson(text, request, response);
  if (isStatus(value) && value.status !== 'Success') {
    const { failureSaid } = await refusals();
    throw failureSaid(value, { request, response, retryAfterSeconds: retryAfterSeconds(response) });
  }
  return value;
}

/** Throws for an answer that is not 2xx; otherwise the body is still to be read. */
export async function requireSuccess(request: HttpRequest, response: HttpResponse): Promise<void> {
  if (!isSuccess(response.status)) throw await readRefusal(request, response);
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

function isSuccess(status: number): boolean {
  return status >= 200 && status <= 206;
}

async function readJson(
  text: string,
  request: HttpRequest,
  response: HttpResponse,
): Promise<unknown> {
  try {
    if (!hasLongNumber(text)) return JSON.parse(text);
    const { parseJson } = await import('./exact-json.ts');
    return parseJson(text);
  } catch (cause) {
    const { notJson } = await refusals();
    throw notJson({ request, response, text }, cause);
  }
}

/** Reads a refusal into the error that a call throws. */
async function readRefusal(request: HttpRequest, response: HttpResponse): Promise<Error> {
  const text = new TextDecoder().decode(await startOfBody(response.body, errorBytesMax));
  const { refusalOf } = await refusals();
  return refusalOf({ request, response, text, retryAfterSeconds: retryAfterSeconds(response) });
}

/** Loaded late: most programs are not refused. */
function refusals(): Promise<typeof import('./read-refusal.ts')> {
  return import('./read-refusal.ts');
}
