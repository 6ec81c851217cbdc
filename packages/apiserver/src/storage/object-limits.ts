import { type ApiError, type KubernetesObject, apiError } from '@fairway/protocol';

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

/**
 * How many of these fields one object or map may have: JavaScript takes several times longer for each
 * field of a wide object than for an element of a list.
 */
export const objectFieldsMax = 32_768;

/** What the JSON of a body is held to. */
export const bodyLimits = { valuesMax: objectValuesMax, fieldsMax: objectFieldsMax } as const;

/**
 * Refuses an object that is more than may be stored or than a body may be, one that a patch made of
 * two, say, before more work is done for it. What it takes as bytes is judged by its names and texts
 * alone: an object that is let pass can still turn out too large.
 *
 * Errors: RequestEntityTooLarge `ApiError`.
 */
export function checkObjectSize({ metadata, ...rest }: KubernetesObject): void {
  // Who owns what is the server's own to say, and not part of what a caller makes.
  const { managedFields: _, ...counted } = metadata ?? {};
  let valuesLeft = objectValuesMax;
  let bytesLeft = objectBytesMax;
  const count = (value: object): void => {
    const isList = Array.isArray(value);
    const children = isList ? (value as unknown[]) : Object.values(value);
    if (!isList) {
      if (children.length > objectFieldsMax) {
        throw objectTooLarge(`more than ${objectFieldsMax} fields in one object`);
      }
      for (const name in value) bytesLeft -= name.length;
    }
    valuesLeft -= children.length;
    if (valuesLeft < 0) throw objectTooLarge(`more than ${objectValuesMax} fields and elements`);
    for (const child of children) {
      if (typeof child === 'string') bytesLeft -= child.length;
      else if (typeof child === 'object' && child !== null) count(child);
    }
    if (bytesLeft < 0) {
      throw objectTooLarge(`the object takes more than the limit of ${objectBytesMax} bytes`);
    }
  };
  count({ ...rest, metadata: counted });
}

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
