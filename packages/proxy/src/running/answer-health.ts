import type { Handler, HttpResponse } from '@fairway/protocol';
import { type HealthCheck, answerHealth } from '@fairway/serving';
import { type Metrics, answerMetrics } from '@fairway/serving/metrics';

export interface ProxyHealth {
  /** Whether it takes no new requests, because it ends. */
  readonly isEnding: () => boolean;
  /** Undefined when the cluster answers; otherwise why it does not. */
  readonly clusterProblem: (signal: AbortSignal) => Promise<string | undefined>;
  readonly metrics: Metrics;
}

/**
 * Answers `/-/healthz` (the process answers), `/-/readyz` (it takes requests, and the cluster answers) and `/-/metrics`, with
 * the parameters of an API server: `?verbose`, `?exclude=cluster`.
 */
export function answerProxyHealth({ isEnding, clusterProblem, metrics }: ProxyHealth): Handler {
  const ping: HealthCheck = { name: 'ping', check: async () => undefined };
  const ready: readonly HealthCheck[] = [
    ping,
    {
      name: 'ending',
      isToldToAll: true,
      check: async () => (isEnding() ? 'the proxy ends and takes no new requests' : undefined),
    },
    { name: 'cluster', isToldToAll: true, check: clusterProblem },
  ];
  const healthz = answerHealth({ name: 'healthz', checks: () => [ping] });
  const readyz = answerHealth({ name: 'readyz', checks: () => ready });
  return async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return refusal(405);
    const [empty, mark, name] = request.path.split('/', 3);
    if (empty !== '' || mark !== '-') return refusal(404);
    const inner = { ...request, path: request.path.slice('/-'.length) };
    if (name === 'healthz') return healthz(inner);
    if (name === 'readyz') return readyz(inner);
    return inner.path === '/metrics' ? answerMetrics(metrics) : refusal(404);
  };
}

function refusal(status: 404 | 405): HttpResponse {
  const text = status === 404 ? '/-/healthz, /-/readyz and /-/metrics are here' : 'only GET is';
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
    body: Buffer.from(`${text}\n`),
  };
}
