import { type Handler, type HttpResponse, stringifyJson } from '@fairway/protocol';

/** Sends a review to a webhook. */
export function postReview(
  send: Handler,
  review: object,
  signal: AbortSignal,
): Promise<HttpResponse> {
  return send({
    method: 'POST',
    path: '/',
    query: '',
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: Buffer.from(stringifyJson(review)),
    signal,
  });
}
