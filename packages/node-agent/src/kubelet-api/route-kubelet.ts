import type { AuthorizedRequest } from '@fairway/access';
import {
  type Handler,
  type HttpResponse,
  type UpgradeHandler,
  apiError,
  badRequest,
} from '@fairway/protocol';
import { type HealthCheck, answerHealth } from '@fairway/serving';
import { answerContainerLog } from './container-log.ts';
import { CpuRates } from './cpu-rates.ts';
import { agentMetrics } from './agent-metrics.ts';
import type { KubeletParts } from './kubelet-parts.ts';
import { containerPath, isStream, pageNotFound, podPath, segmentsOf } from './kubelet-path.ts';
import { takeMeasures } from './measures.ts';
import { podList, runningPodList } from './pod-lists.ts';
import { acceptContainer, acceptPodPorts, answerRun } from './pod-streams.ts';
import { prometheusType } from './prometheus-text.ts';
import { resourceMetrics } from './resource-metrics.ts';
import { statsSummary } from './stats-summary.ts';

/** Brings a request to what answers it. */
export function routeKubeletRequest(parts: KubeletParts): Handler<AuthorizedRequest> {
  const health = answerHealth({ name: 'healthz', checks: () => healthChecks(parts) });
  const documents = documentsOf(parts);
  return async (request) => {
    const segments = segmentsOf(request.path);
    const [first = ''] = segments;
    if (first === 'healthz') return health(request);
    if (isStream(request.path)) throw badRequest('Upgrade request required');
    if (first === 'run') {
      requireMethod(request, ['POST']);
      return answerRun(parts, containerPath(segments), request);
    }
    if (first === 'containerLogs') {
      requireMethod(request, ['GET']);
      const path = containerPath(segments);
      if (path.uid !== undefined) throw pageNotFound();
      return answerContainerLog(parts, path, request);
    }
    const read = documents.get(segments.join('/'));
    if (read === undefined) throw notBuilt.has(first) ? missing(segments) : pageNotFound();
    requireMethod(request, ['GET']);
    return read();
  };
}

/** Brings an upgrade to the stream that it asks for. */
export function routeKubeletStream(parts: KubeletParts): UpgradeHandler<AuthorizedRequest> {
  return async (request) => {
    requireMethod(request, ['GET', 'POST']);
    const segments = segmentsOf(request.path);
    const [way] = segments;
    if (way !== 'exec' && way !== 'attach') {
      return acceptPodPorts(parts, podPath(segments), request);
    }
    return acceptContainer(parts, { way, ...containerPath(segments) }, request);
  };
}

/** What a kubelet has beyond this. */
const notBuilt: ReadonlySet<string> = new Set(['checkpoint', 'debug', 'logs', 'metrics', 'stats']);

/** Documents by their paths. */
function documentsOf(parts: KubeletParts): ReadonlyMap<string, () => Promise<HttpResponse>> {
  const rates = new CpuRates();
  const { runtime } = parts;
  return new Map([
    ['pods', async () => json(podList(parts.pods.all()))],
    ['runningpods', async () => json(runningPodList(await runtime.listPods()))],
    ['configz', async () => json({ kubeletconfig: parts.configuration() })],
    ['stats/summary', async () => json(await statsSummary({ ...parts, rates }))],
    ['metrics', async () => text(agentMetrics(await runtime.listPods(), parts))],
    ['metrics/resource', async () => text(resourceMetrics(await takeMeasures(parts)))],
  ]);
}

function healthChecks({ problem }: KubeletParts): readonly HealthCheck[] {
  return [
    { name: 'ping', check: async () => undefined },
    { name: 'syncloop', check: async () => problem() },
  ];
}

function json(document: object): HttpResponse {
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(document)),
  };
}

function text(metrics: string): HttpResponse {
  return {
    status: 200,
    headers: { 'content-type': prometheusType },
    body: Buffer.from(metrics),
  };
}

function missing(segments: readonly string[]): Error {
  const message = `/${segments.join('/')} of a kubelet is not built yet; see docs/gaps.md`;
  return apiError('NotImplemented', message);
}

function requireMethod({ method }: AuthorizedRequest, allowed: readonly string[]): void {
  if (allowed.includes(method)) return;
  const headers = { allow: allowed.join(', ') };
  throw apiError('MethodNotAllowed', 'Method Not Allowed', undefined, { headers });
}
