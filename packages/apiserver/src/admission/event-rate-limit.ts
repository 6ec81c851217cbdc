import type { Clock } from '@fairway/host';
import type { Event } from '@fairway/kinds/core/v1';
import { apiError } from '@fairway/protocol';
import type { AdmissionPlugin, ValidateRequest } from './admission-plugin.ts';

/** Who shares one allowance. */
export type EventLimitType = 'Server' | 'Namespace' | 'User' | 'SourceAndObject';

export interface EventLimit {
  readonly type: EventLimitType;
  /** Events a second, on average. */
  readonly qps: number;
  /** Events at once. */
  readonly burst: number;
  /** How many allowances are remembered; the one that was asked for longest ago is forgotten. */
  readonly cacheSize: number;
}

type Request = ValidateRequest<Event>;

const keys: Readonly<Record<EventLimitType, (request: Request) => string>> = {
  Server: () => '',
  Namespace: ({ namespace }) => namespace,
  User: ({ user }) => user.username,
  SourceAndObject: ({ object }) => {
    const { source, involvedObject } = object ?? {};
    const { kind, namespace, name, uid, apiVersion } = involvedObject ?? {};
    const parts = [source?.component, source?.host, kind, namespace, name, uid, apiVersion];
    return parts.map((part) => part ?? '').join('');
  },
};

/** Bounds how fast events are written. Source: Kubernetes admission, EventRateLimit. */
export function eventRateLimit(
  clock: Pick<Clock, 'elapsed'>,
  limits: readonly EventLimit[],
): AdmissionPlugin<Event> {
  const allowances = limits.map((limit) => new Allowances(limit, clock));
  return {
    name: 'EventRateLimit',
    operations: ['CREATE', 'UPDATE'],
    resources: ['/events', 'events.k8s.io/events'],
    async validate(request) {
      // Each counts the event, also when another one refuses it; the last has the word.
      const refused = allowances.findLast((each) => !each.take(request));
      if (refused === undefined) return;
      const { type } = refused.limit;
      const key = keys[type](request);
      const why = `Too many requests: limit reached on type ${type} for key ${key}`;
      throw apiError('TooManyRequests', why);
    },
  };
}

class Allowances {
  readonly limit: EventLimit;
  readonly #clock: Pick<Clock, 'elapsed'>;
  /** In the order in which they were asked for, the latest last. */
  readonly #buckets = new Map<string, { tokens: number; atMs: number }>();

  constructor(limit: EventLimit, clock: Pick<Clock, 'elapsed'>) {
    this.limit = limit;
    this.#clock = clock;
  }

  take(request: Request): boolean {
    const { type, qps, burst, cacheSize } = this.limit;
    const key = keys[type](request);
    const nowMs = this.#clock.elapsed();
    const { tokens, atMs } = this.#buckets.get(key) ?? { tokens: burst, atMs: nowMs };
    const filled = Math.min(burst, tokens + ((nowMs - atMs) / 1_000) * qps);
    const isAllowed = filled >= 1;
    this.#buckets.delete(key);
    this.#buckets.set(key, { tokens: isAllowed ? filled - 1 : filled, atMs: nowMs });
    if (this.#buckets.size > cacheSize) {
      const [oldest] = this.#buckets.keys();
      if (oldest !== undefined) this.#buckets.delete(oldest);
    }
    return isAllowed;
  }
}
