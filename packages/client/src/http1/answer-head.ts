import { type HttpHeaders, emptyHeaders } from '@fairway/protocol';

/** How the end of an answer is told. */
export type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' }
  /** It ends with the connection, and nothing tells whether all of it came. */
  | { readonly kind: 'close' };

export interface AnswerHead {
  readonly status: number;
  readonly headers: HttpHeaders;
  readonly framing: Framing;
  /** True when another request may follow on the connection, once this answer is complete. */
  readonly isKept: boolean;
}

/** What came is not an answer in HTTP/1.1, or one that can be understood in two ways. */
export class MalformedAnswerError extends Error {
  override readonly name = 'MalformedAnswerError';
}

const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/;
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// oxlint-disable-next-line no-control-regex
const control = /[\0-\x08\x0a-\x1f\x7f]/;

/**
 * Reads the head of an answer: the text before the empty line, one character for each byte.
 *
 * Strict where lenience would let two readers see different messages: no folded lines, no lone line
 * feeds, one length at most, and not beside a transfer coding. Source: RFC 9112 §4 to §6.
 * Errors: `MalformedAnswerError`.
 */
export function readAnswerHead(text: string, method: string): AnswerHead {
  let end = text.indexOf('\r\n');
  if (end < 0) end = text.length;
  const [, minor, code] = statusLine.exec(text.slice(0, end)) ?? [];
  if (code === undefined) throw new MalformedAnswerError('it does not begin with a status line');
  const headers = readHeaders(text, end + 2);
  const status = Number(code);
  const version = minor === '1' ? 1.1 : 1;
  const framing = framingOf(headers, { status, method, version });
  return { status, headers, framing, isKept: isKept(headers, version) && framing.kind !== 'close' };
}

function readHeaders(text: string, from: number): HttpHeaders {
  const headers = emptyHeaders();
  for (let at = from; at < text.length;) {
    let end = text.indexOf('\r\n', at);
    if (end < 0) end = text.length;
    const line = text.slice(at, end);
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon));
    if (!token.test(name) || control.test(line)) {
      throw new MalformedAnswerError('a line of its head is not a header');
    }
    addHeader(headers, name.toLowerCase(), withoutBlanks(line, colon + 1));
    at = end + 2;
  }
  return headers;
}

// `trim` would take away what is a byte of UTF-8 here.
function withoutBlanks(line: string, from: number): string {
  let start = from;
  let end = line.length;
  while (start < end && isBlank(line.charCodeAt(start))) start++;
  while (end > start && isBlank(line.charCodeAt(end - 1))) end--;
  return line.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function addHeader(
  headers: Record<string, string | readonly string[]>,
  name: string,
  value: string,
): void {
  const earlier = headers[name];
  if (earlier === undefined) headers[name] = value;
  else if (typeof earlier === 'string') headers[name] = [earlier, value];
  else (earlier as string[]).push(value);
}

// Source: RFC 9112 §6.3.
function framingOf(
  headers: HttpHeaders,
  {
    status,
    method,
    version,
  }: { readonly status: number; readonly method: string; readonly version: number },
): Framing {
  const { 'content-length': length, 'transfer-encoding': coding } = headers;
  if (length !== undefined && (typeof length !== 'string' || !/^\d{1,15}$/.test(length))) {
    throw new MalformedAnswerError('it has not one Content-Length that is a number');
  }
  if (coding !== undefined) {
    if (length !== undefined) {
      throw new MalformedAnswerError('it has both Content-Length and Transfer-Encoding');
    }
    if (version !== 1.1 || typeof coding !== 'string' || coding.toLowerCase() !== 'chunked') {
      throw new MalformedAnswerError('it has a Transfer-Encoding that is not "chunked"');
    }
  }
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return none;
  if (coding !== undefined) return { kind: 'chunked' };
  return length === undefined ? { kind: 'close' } : { kind: 'length', bytes: Number(length) };
}

const none: Framing = { kind: 'none' };

function isKept({ connection }: HttpHeaders, version: number): boolean {
  if (connection === undefined) return version === 1.1;
  const options = [connection].flat().join(',').toLowerCase().split(',');
  const has = (option: string): boolean => options.some((each) => each.trim() === option);
  return !has('close') && (version === 1.1 || has('keep-alive'));
}
