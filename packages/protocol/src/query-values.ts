import { badRequest } from './api-error.ts';

/**
 * Reads a flag of a query: absent is undefined; `false` and `0` are false; anything else, even
 * nothing at all (`?watch`), is true. Source: apimachinery, query parameter conversion.
 */
export function readBoolean(query: URLSearchParams, name: string): boolean | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  return text !== '0' && text.toLowerCase() !== 'false';
}

/**
 * Reads a whole number of a query; absent is undefined.
 *
 * Errors: a BadRequest `ApiError` in the API's words for anything that is not an int64.
 */
export function readInteger(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const quoted = JSON.stringify(text);
  if (!/^[+-]?[0-9]+$/.test(text)) {
    throw badRequest(`strconv.ParseInt: parsing ${quoted}: invalid syntax`);
  }
  const value = text.length > 20 ? undefined : BigInt(text.startsWith('+') ? text.slice(1) : text);
  if (value === undefined || BigInt.asIntN(64, value) !== value) {
    throw badRequest(`strconv.ParseInt: parsing ${quoted}: value out of range`);
  }
  return Number(value);
}

/** Reads a text of a query; absent and empty are both undefined, as the API treats them alike. */
export function readText(query: URLSearchParams, name: string): string | undefined {
  const text = query.get(name);
  return text === null || text === '' ? undefined : text;
}
