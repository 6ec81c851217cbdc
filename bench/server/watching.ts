import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditBackend } from '@fairway/apiserver';
import { AuditLog, readAuditPolicy } from '@fairway/apiserver/audit';
import { OwnedTimers, silentLogger } from '@fairway/host';
import { nodejsHost, systemClock } from '@fairway/host/nodejs';
import { type Handler, type HttpRequest, collectBody } from '@fairway/protocol';
import { costsInTurns, told } from './in-turns.ts';
import {
  AdmissionChain,
  type AdmissionSteps,
} from '../../packages/apiserver/src/admission/admission-chain.ts';
import type { ValidateRequest } from '../../packages/apiserver/src/admission/admission-plugin.ts';
import { measureSteps } from '../../packages/apiserver/src/admission/measure-admission.ts';
import { Auditor } from '../../packages/apiserver/src/audit/auditor.ts';
import { FairnessMetrics } from '../../packages/apiserver/src/fairness/fairness-metrics.ts';
import { ListSeats } from '../../packages/apiserver/src/fairness/list-seats.ts';
import { RequestFairness } from '../../packages/apiserver/src/fairness/request-fairness.ts';
import {
  measureAuthenticator,
  measureAuthorizer,
} from '../../packages/apiserver/src/metrics/access-metrics.ts';
import { Metrics } from '@fairway/serving/metrics';
import { measureStore } from '../../packages/apiserver/src/metrics/storage-metrics.ts';
import { RequestMetrics } from '../../packages/apiserver/src/metrics/request-metrics.ts';
import { AggregatedApis } from '../../packages/apiserver/src/registry/aggregated-api.ts';
import { builtInResources } from '../../packages/apiserver/src/registry/built-in-resources.ts';
import { ResourceRegistry } from '../../packages/apiserver/src/registry/resource-registry.ts';
import {
  type RequestPipelineParts,
  buildRequestPipeline,
} from '../../packages/apiserver/src/request-pipeline.ts';
import { builtInSchemas } from '@fairway/kinds/schema';
import { type Store, createMemoryStore } from '@fairway/store';

type Print = (what: string, result: string) => void;

const requests = 10_000;
const rounds = 25;
const together = 32;

/**
 * What it costs a request to be counted, and to be told of in an audit log, as CPU time of this process: all filters around
 * a handler that answers at once, with and without, in turns.
 */
export async function measureWatching(print: Print): Promise<void> {
  const { random } = nodejsHost();
  const directory = await mkdtemp(join(tmpdir(), 'fairway-bench-'));
  const parts: RequestPipelineParts = {
    clock: systemClock,
    random,
    logger: silentLogger,
    authenticator: async () => ({ kind: 'authenticated', user }),
    authorizer: () => ({ kind: 'allow', reason: 'RBAC: allowed by ClusterRoleBinding "bench"' }),
    aggregatedApis: new AggregatedApis(),
    bounds: { requestsMax: 400, mutatingRequestsMax: 200 },
  };
  const store = createMemoryStore({});
  await store.create(key, body);
  const metrics = new Metrics();
  const requestMetrics = new RequestMetrics(metrics, { registry, clock: systemClock });
  const auditorOf = async (name: string, omitStages: string): Promise<Auditor> => {
    const lines = await nodejsHost().files.openLines(join(directory, name), {
      bytesMax: 100 * 1024 * 1024,
      keptFilesMax: 1,
      keptMs: 0,
      compresses: false,
      onFailure: () => {},
    });
    const lostEvents = { lost: () => {} };
    const log: AuditBackend = new AuditLog({ lines, format: 'json', mode: 'blocking', lostEvents });
    const head = 'apiVersion: audit.k8s.io/v1\nkind: Policy';
    const policy = readAuditPolicy(
      `${head}\nomitStages: [${omitStages}]\nrules: [{level: Metadata}]`,
    );
    const audit = { policy, backends: [log], lostEvents: new Map<string, number>() };
    return new Auditor(audit, { clock: systemClock, metrics: new Metrics() });
  };
  const timers = new OwnedTimers(systemClock);
  const listSeats = new ListSeats({ store, registry, clock: timers });
  const measuring = { metrics, clock: systemClock };
  const measuredStore = measureStore(store, measuring);
  const measured: RequestPipelineParts = {
    ...parts,
    requestMetrics,
    authenticator: measureAuthenticator(parts.authenticator, measuring),
    authorizer: measureAuthorizer(parts.authorizer, measuring),
  };
  const pipelines: Readonly<Record<string, Handler>> = {
    'nobody watching': pipelineOf(parts, store),
    'metrics of requests, access and store': pipelineOf(measured, measuredStore),
    'fairness, its metrics among them': pipelineOf(
      {
        ...parts,
        bounds: new RequestFairness({
          clock: timers,
          seatsTotal: 600,
          timeoutMs: 60_000,
          seatsOf: (request) => listSeats.seatsOf(request),
          fairnessMetrics: new FairnessMetrics(metrics, systemClock),
        }),
      },
      store,
    ),
    'audit at Metadata, one stage': pipelineOf(
      { ...parts, auditor: await auditorOf('one.log', 'RequestReceived') },
      store,
    ),
    'audit at Metadata, both stages': pipelineOf(
      { ...parts, auditor: await auditorOf('two.log', '') },
      store,
    ),
  };
  await printCosts(print, 'a request in its filters', { pipelines, request: read });
  const chain = new AdmissionChain([]);
  const writing: Readonly<Record<string, Handler>> = {
    'nobody watching': writingPipelineOf(parts, store, chain),
    'metrics of requests, access, store and phases of admission': writingPipelineOf(
      measured,
      measuredStore,
      measureSteps(chain, measuring),
    ),
  };
  await printCosts(print, 'a write in its filters', { pipelines: writing, request: write });
  timers[Symbol.dispose]();
  await rm(directory, { recursive: true });
}

async function printCosts(
  print: Print,
  what: string,
  of: {
    readonly pipelines: Readonly<Record<string, Handler>>;
    readonly request: () => HttpRequest;
  },
): Promise<void> {
  const ways = Object.entries(of.pipelines).map(
    ([name, pipeline]) => [name, () => costOf(pipeline, of.request)] as const,
  );
  const costs = await costsInTurns(Object.fromEntries(ways), { warmUps: 4, rounds });
  for (const [name, cost] of Object.entries(costs)) print(`${what}, ${name}`, told(cost));
}

const registry = new ResourceRegistry(builtInResources(builtInSchemas(), new Map()));
const pods = registry.builtInResource('', 'pods');
const user = { username: 'system:serviceaccount:shop:web', groups: ['system:serviceaccounts'] };
const key = '/registry/pods/shop/web';
const body = Buffer.from('{"kind":"Pod"}');

function pipelineOf(parts: RequestPipelineParts, store: Store): Handler {
  return buildRequestPipeline(parts, async () => {
    const entry = await store.get(key);
    return { status: 200, headers: {}, body: entry?.value };
  });
}

/** What a write does with the filters and with admission, and no more. */
function writingPipelineOf(
  parts: RequestPipelineParts,
  store: Store,
  steps: AdmissionSteps,
): Handler {
  const asked = { operation: 'UPDATE', resource: pods, subresource: '' } as ValidateRequest<object>;
  return buildRequestPipeline(parts, async (request) => {
    await collectBody(request.body);
    await steps.admit(asked);
    await steps.validate(asked);
    const entry = await store.get(key);
    return { status: 200, headers: {}, body: entry?.value };
  });
}

const about: Omit<HttpRequest, 'method' | 'body'> = {
  path: '/api/v1/namespaces/shop/pods/web-7d4b9c6f5-x2x8q',
  query: '',
  headers: { 'user-agent': 'web/v1 (linux/amd64) kubernetes/abcdef' },
  peer: { address: '10.244.0.7' },
  signal: new AbortController().signal,
};
const sent = Buffer.alloc(2_000, 'x');
const read = (): HttpRequest => ({ ...about, method: 'GET', body: undefined });
const write = (): HttpRequest => ({ ...about, method: 'PUT', body: inOnePiece() });

async function* inOnePiece(): AsyncGenerator<Uint8Array> {
  yield sent;
}

async function costOf(pipeline: Handler, request: () => HttpRequest): Promise<number> {
  const before = process.cpuUsage();
  for (let at = 0; at < requests / together; at++) {
    await Promise.all(Array.from({ length: together }, () => pipeline(request())));
  }
  const { user: inUser, system } = process.cpuUsage(before);
  return (inUser + system) / requests;
}
