import type { HttpHeaders } from '@fairway/protocol';
import type { RepeatableRequest } from '../transport/retry-requests.ts';

/** Values of a query; what is undefined is left out. */
export type QueryValues = Readonly<
  Record<string, string | number | boolean | readonly string[] | undefined>
>;

/** A call in the terms of HTTP, before it is bytes. */
export interface RequestParts {
  readonly method: string;
  readonly path: string;
  readonly query?: QueryValues;
  /** Lower-case names. Added last, so they win. */
  readonly headers?: HttpHeaders;
  /** Sent as JSON, unless it is bytes already. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  /** False: sent once, without retries. */
  readonly isRetryWanted?: boolean;
}

/** What is sent with a JSON body that says nothing else. */
const jsonType = 'application/json';

/** Makes the request value that a transport sends. */
export function buildRequest(parts: RequestParts): RepeatableRequest {
  const { method, path, query = {}, body, isRetryWanted } = parts;
  return {
    method,
    path,
    query: formatQuery(query),
    headers: {
      accept: jsonType,
      ...(body === undefined ? {} : { 'content-type': jsonType }),
      ...parts.headers,
    },
    body: encodeBody(body),
    signal: parts.signal ?? new AbortController().signal,
    ...(isRetryWanted === undefined ? {} : { isRetryWanted }),
  };
}

/** `limit=500&labelSelector=app%3Dweb`: in the order of the keys, without what is undefined. */
export function formatQuery(query: QueryValues): string {
  const pairs: string[] = [];
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const each of Array.isArray(value) ? value : [value]) {
      pairs.push(`${encodeURIComponent(name)}=${encodeURIComponent(String(each))}`);
    }
  }
  return pairs.join('&');
}

/** Objects were written before, by `encodeJson`. */
function encodeBody(body: unknown): Uint8Array | undefined {
  if (body === undefined || body instanceof Uint8Array) return body;
  return new TextEncoder().encode(JSON.stringify(body));
}
