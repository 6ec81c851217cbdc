import { ApiError } from '@fairway/protocol';
import { ConnectionError, type ConnectionProblem } from './transport/connection-error.ts';

const absences: ReadonlySet<ConnectionProblem> = new Set([
  'dns',
  'refused',
  'unreachable',
  'reset',
  'timeout',
  'proxy',
  'proxy-authentication',
]);

/**
 * True when there was no answer, or a proxy in front of the server answered for it (502, or 503
 * without a Retry-After): the same call may succeed soon.
 */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof ConnectionError) return absences.has(error.problem);
  if (!(error instanceof ApiError)) return false;
  if (error.code === 502) return true;
  return error.code === 503 && error.status.details?.retryAfterSeconds === undefined;
}
