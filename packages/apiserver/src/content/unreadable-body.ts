import { badRequest } from '@fairway/protocol';
import type { ExpectedObject } from './expected-object.ts';

/** Of a body that says what it is, and cannot be that. */
export function cannotHandle(
  { kind, version }: Pick<ExpectedObject, 'kind' | 'version'>,
  why: string,
): Error {
  return badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${why}`);
}

/** Of a body of which it cannot even be said what it is. */
export function unrecognized({ kind }: Pick<ExpectedObject, 'kind'>, why: string): Error {
  return badRequest(`the object provided is unrecognized (must be of type ${kind}): ${why}`);
}

/** The same of one whose version and kind cannot be read. */
export function withoutKind(
  expected: Pick<ExpectedObject, 'kind'>,
  body: Uint8Array,
  why: string,
): Error {
  return unrecognized(expected, `couldn't get version/kind; ${why} (${quoteBody(body)})`);
}

const quotedBytesMax = 30;

/** The start of a body: as text when it looks like JSON, else in hexadecimal. */
export function quoteBody(body: Uint8Array): string {
  if (body.length === 0) return '<empty>';
  const start = Buffer.from(body.subarray(0, quotedBytesMax));
  const text = start.toString(body[0] === 0x7b ? 'utf8' : 'hex');
  return body.length > quotedBytesMax ? `${text} ...` : text;
}
