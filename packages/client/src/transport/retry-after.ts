import { type HttpResponse, headerOf } from '@fairway/protocol';

/** The whole seconds of a Retry-After header; undefined when there are none. */
export function retryAfterSeconds(response: HttpResponse): number | undefined {
  const text = headerOf(response.headers, 'retry-after')?.trim() ?? '';
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
