import type { HttpRequest } from './http-message.ts';

/** Whether a request only asks, so that it may be sent twice. Source: RFC 9110 §9.2.1. */
export function isSafe({ method }: Pick<HttpRequest, 'method'>): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}
