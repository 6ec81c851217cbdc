import { ApiError, type HttpResponse } from '@fairway/protocol';
import type { Call } from './call.ts';
import { refusalWithHeaders } from './refusal-with-headers.ts';

/** More than fit in an answer; the rest is not looked for. */
const warningsMax = 1_000;

/** Notes what the caller shall be told, whatever the answer is. */
export function warn({ warnings }: Call, texts: Iterable<string> = []): void {
  for (const text of texts) {
    if (warnings.length >= warningsMax) return;
    warnings.push(text);
  }
}

/** All warnings of one answer together; what does not fit is left out. */
const warningBytesMax = 4_096;

/** Adds what was noticed on the way as `Warning` headers. Source: RFC 7234 §5.5. */
export function withWarnings(call: Call, response: HttpResponse): HttpResponse {
  const warning = warningValues(call);
  if (warning.length === 0) return response;
  return { ...response, headers: { ...response.headers, warning } };
}

/** The same for a refusal. */
export function refusalWithWarnings(call: Call, error: unknown): unknown {
  const warning = warningValues(call);
  if (warning.length === 0 || !(error instanceof ApiError)) return error;
  return refusalWithHeaders(error, { warning });
}

function warningValues({ warnings, resource }: Call): readonly string[] {
  const { deprecationWarning } = resource;
  const all = deprecationWarning === undefined ? warnings : [deprecationWarning, ...warnings];
  if (all.length === 0) return all;
  const values: string[] = [];
  let sizeBytes = 0;
  for (const text of new Set(all)) {
    const value = `299 - ${quote(text)}`;
    sizeBytes += value.length;
    if (sizeBytes > warningBytesMax) break;
    values.push(value);
  }
  return values;
}

/** A quoted-string; what is not ASCII goes as the bytes of UTF-8. Source: RFC 9110 §5.6.4. */
function quote(text: string): string {
  const quoted = text.replaceAll(/(?!\t)\p{Cc}/gu, '?').replaceAll(/["\\]/g, '\\$&');
  return `"${Buffer.from(quoted).toString('latin1')}"`;
}
