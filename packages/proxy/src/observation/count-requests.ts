import type { Metrics } from '@fairway/serving/metrics';
import type { RequestTarget } from '@fairway/protocol';
import type { Observer } from './observe-requests.ts';
import { isLongRunning } from './request-notes.ts';

const secondsBounds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Counts requests, and measures those that are not meant to last. */
export function countRequests(metrics: Metrics): Observer {
  const total = metrics.counter({
    name: 'fairway_proxy_requests_total',
    help: 'Requests that were answered to their end, by verb and code; 101 is a stream.',
    labels: ['verb', 'code'],
  });
  const refused = metrics.counter({
    name: 'fairway_proxy_refused_total',
    help: 'Requests that the proxy refused itself, by what refused them.',
    labels: ['by'],
  });
  const seconds = metrics.histogram({
    name: 'fairway_proxy_request_duration_seconds',
    help: 'How long requests took to the end of their answers; watches, logs that are followed and streams left out.',
    labels: ['verb'],
    bounds: secondsBounds,
  });
  const running = metrics.gauge({
    name: 'fairway_proxy_requests_running',
    help: 'Requests that are under way, watches and streams among them.',
  });
  return () => {
    running.of().add(1);
    return ({ request: { query }, notes, status, elapsedMs }) => {
      running.of().add(-1);
      const verb = verbOf(notes.target);
      total.of(verb, String(status)).add();
      if (notes.refusedBy !== undefined) refused.of(notes.refusedBy).add();
      const isMeasured = status !== 101 && !isLongRunning({ notes, query });
      if (isMeasured) seconds.of(verb).observe(elapsedMs / 1000);
    };
  };
}

/** One of few, whatever callers make up. */
function verbOf(target: RequestTarget | undefined): string {
  if (target === undefined) return 'none';
  return verbs.has(target.verb) ? target.verb : 'other';
}

const verbs: ReadonlySet<string> = new Set(
  'get list watch create update patch delete deletecollection head post put'.split(' '),
);
