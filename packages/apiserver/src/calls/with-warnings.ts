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

/** All warnings of one answer together; beyond it each is cut. Source: apiserver, filters/warning.go. */
const warningCharactersMax = 4 * 1024;
/** Of each, where they are cut. */
const cutCharactersMax = 256;

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
  const texts = [...new Set(all)].map((text) => [...text]);
  const together = texts.reduce((sum, { length }) => sum + length, 0);
  if (together <= warningCharactersMax) return texts.map(headerValue);
  const values: string[] = [];
  let characters = 0;
  for (const text of texts) {
    if (characters >= warningCharactersMax) break;
    const cut = text.slice(0, cutCharactersMax);
    characters += cut.length;
    values.push(headerValue(cut));
  }
  return values;
}

function headerValue(characters: readonly string[]): string {
  return `299 - ${quote(characters.join(''))}`;
}

/** A quoted-string; what is not ASCII goes as the bytes of UTF-8. Source: RFC 9110 §5.6.4. */
function quote(text: string): string {
  const quoted = text.replaceAll(/(?!\t)\p{Cc}/gu, '?').replaceAll(/["\\]/g, '\\$&');
  return `"${Buffer.from(quoted).toString('latin1')}"`;
}
