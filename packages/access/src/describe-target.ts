import { type HttpRequest, parseRequestTarget } from '@fairway/protocol';
import type { Next, TargetedRequest } from './authenticated-request.ts';

/**
 * Filter: tells all filters below what a request is aimed at, so that it is read once and the same
 * for all of them.
 *
 * Errors: throws what `parseRequestTarget` throws for a path that cannot be read.
 */
export function describeTarget<Reply>(
  next: Next<TargetedRequest, Reply>,
): Next<HttpRequest, Reply> {
  return async (request) => next({ ...request, target: parseRequestTarget(request) });
}
