import { type AuthenticatedRequest, mastersGroup } from '@fairway/access';
import type { Handler } from '@fairway/protocol';
import { isHealthPath, limitInFlight } from '@fairway/serving';

/** How many requests run at once where none waits. 0: as many as come. */
export interface PlainBounds {
  /** Of those that only read. */
  readonly requestsMax: number;
  readonly mutatingRequestsMax: number;
}

const readingVerbs: ReadonlySet<string> = new Set(['get', 'list', 'watch']);

/**
 * Filter in place of fairness: bounds how many requests read and how many write at once, and answers 429
 * with `Retry-After: 1` beyond that. Members of `system:masters` are not counted, nor is what lasts, nor who asks for health.
 *
 * Source: kube-apiserver, `WithMaxInFlightLimit`.
 */
export function limitRequests<Request extends AuthenticatedRequest>(
  {
    bounds: { requestsMax, mutatingRequestsMax },
    isLongRunning,
    ...told
  }: {
    readonly bounds: PlainBounds;
    readonly isLongRunning: (request: Request) => boolean;
    /** Told of each request that is refused. */
    readonly onRefused?: (request: Request) => void;
  },
  next: Handler<Request>,
): Handler<Request> {
  const keyOf = (request: Request, isRead: boolean): string | undefined => {
    const { target, user } = request;
    if (isLongRunning(request) || user.groups.includes(mastersGroup)) return undefined;
    if (!target.isResource && isHealthPath(target.path)) return undefined;
    return readingVerbs.has(target.verb) === isRead ? 'all' : undefined;
  };
  const limited = (max: number, isRead: boolean, inner: Handler<Request>): Handler<Request> => {
    if (max === 0) return inner;
    const counted = (request: Request): string | undefined => keyOf(request, isRead);
    return limitInFlight({ what: 'requests', requestsMax: max, keyOf: counted, ...told }, inner);
  };
  return limited(requestsMax, true, limited(mutatingRequestsMax, false, next));
}
