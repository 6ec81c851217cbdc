import { type ApiError, apiError } from '@fairway/protocol';

/**
 * How large an object may be, as JSON in which escapes count as what they stand for: what etcd takes
 * as one value. It is more than the largest ConfigMap and Secret that validation lets pass.
 */
export const objectBytesMax = 1.5 * 1024 * 1024;

/**
 * How many fields and elements a body may have at all depths together: each takes work at a dozen
 * places, however small it is.
 */
export const objectValuesMax = 100_000;

/** Refuses what is too much for one object. */
export function objectTooLarge(why: string): ApiError {
  return apiError('RequestEntityTooLarge', `Request entity too large: ${why}`);
}

/** Refuses the bytes of an object that is too large. */
export function checkObjectBytes(json: Uint8Array): void {
  if (json.length <= objectBytesMax) return;
  const bytes = json.length - escapeBytes(json);
  if (bytes <= objectBytesMax) return;
  throw objectTooLarge(`the object takes ${bytes} bytes, limit is ${objectBytesMax}`);
}

/** What escapes take beyond what they stand for: a text of line breaks is twice as long as JSON. */
function escapeBytes(json: Uint8Array): number {
  let bytes = 0;
  for (let at = json.indexOf(backslash); at >= 0; at = json.indexOf(backslash, at)) {
    const isLong = json[at + 1] === letterU;
    bytes += isLong ? 5 : 1;
    at += isLong ? 6 : 2;
  }
  return bytes;
}

const [backslash, letterU] = [0x5c, 0x75];
