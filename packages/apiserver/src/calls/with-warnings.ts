import type { HttpResponse } from '@fairway/protocol';
import type { Call } from './call.ts';

/** All warnings of one answer together; what does not fit is left out. */
const warningBytesMax = 4_096;

/** Adds what was noticed on the way as `Warning` headers. Source: RFC 7234 §5.5. */
export function withWarnings({ warnings, resource }: Call, response: HttpResponse): HttpResponse {
  const { deprecationWarning } = resource;
  const all = deprecationWarning === undefined ? warnings : [deprecationWarning, ...warnings];
  if (all.length === 0) return response;
  const values: string[] = [];
  let sizeBytes = 0;
  for (const text of new Set(all)) {
    const value = `299 - ${quote(text)}`;
    sizeBytes += value.length;
    if (sizeBytes > warningBytesMax) break;
    values.push(value);
  }
  return { ...response, headers: { ...response.headers, warning: values } };
}

/** A quoted-string of printable ASCII. Source: RFC 9110 §5.6.4. */
function quote(text: string): string {
  return `"${text.replaceAll(/[^\t -~]/g, '?').replaceAll(/["\\]/g, '\\$&')}"`;
}
