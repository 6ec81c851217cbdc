import { badRequest } from './api-error.ts';
import { decodeJson } from './strict-json.ts';

/**
 * Where the next page of a list begins, and which snapshot it is a page of.
 *
 * Source: apiserver, storage.continueToken. Clients take it as opaque, yet it travels through them.
 */
export interface ContinueToken {
  /** The revision of the first page; -1 continues with what exists now. */
  readonly revision: number;
  /** The first key that may be on the page, relative to the keys of the list. */
  readonly startKey: string;
}

/** Writes a token as the `metadata.continue` of a page. */
export function formatContinueToken({ revision, startKey }: ContinueToken): string {
  const text = JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start: `/${startKey}` });
  const bytes = new TextEncoder().encode(text);
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/**
 * Reads the token that a caller sent back.
 *
 * Errors: a BadRequest `ApiError` in the API's words. A start that leaves the keys of the list
 * (`/../other`) is refused: tokens come from callers.
 */
export function parseContinueToken(text: string): ContinueToken {
  const decoded = decodeJson(bytesOf(text), { depthMax: 10 });
  if (decoded.kind !== 'decoded') throw refuse(decoded.problem);
  const token = decoded.value;
  if (typeof token !== 'object' || token === null) {
    throw refuse('json: cannot unmarshal into Go value of type storage.continueToken');
  }
  const { v, rv, start } = token as Readonly<Record<string, unknown>>;
  if (v !== 'meta.k8s.io/v1') {
    throw refuse(`server does not recognize this encoded version ${JSON.stringify(v ?? '')}`);
  }
  if (typeof rv !== 'number' || !Number.isSafeInteger(rv) || rv === 0) {
    throw refuse('incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  }
  if (typeof start !== 'string' || start === '') {
    throw refuse('encoded start key empty (version meta.k8s.io/v1)');
  }
  const startKey = start.startsWith('/') ? start.slice(1) : start;
  const isClean = startKey.split('/').every((part) => part !== '..' && part !== '.' && part !== '');
  if (!isClean) throw refuse(start);
  return { revision: rv, startKey };
}

function bytesOf(text: string): Uint8Array {
  const wrongAt = /[^A-Za-z0-9_-]/.exec(text)?.index;
  if (wrongAt !== undefined || text.length % 4 === 1) {
    throw refuse(`illegal base64 data at input byte ${wrongAt ?? text.length - 1}`);
  }
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

function refuse(why: string): Error {
  return badRequest(`invalid continue token: continue key is not valid: ${why}`);
}
