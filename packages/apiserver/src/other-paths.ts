import {
  type AuthenticatedRequest,
  type AuthorizedRequest,
  jsonWebKeySet,
  openIdConfiguration,
  type VerificationKey,
} from '@fairway/access';
import type { Clock } from '@fairway/host';
import {
  type Handler,
  type HttpResponse,
  apiError,
  groupVersionPath,
  headerOf,
  negotiateMediaType,
} from '@fairway/protocol';
import { type HealthCheck, answerHealth, healthNames } from '@fairway/serving';
import { answerDiscovery } from './discovery/answer-documents.ts';
import type { DiscoveryDocuments } from './discovery/discovery-documents.ts';
import type { Metrics } from '@fairway/serving/metrics';
import type { RequestFairness } from './fairness/request-fairness.ts';
import { versionInfo } from './version-info.ts';

/** What others verify the tokens of service accounts with. */
export interface OpenIdPlace {
  readonly issuer: string;
  readonly jwksUri: string;
  readonly keys: () => readonly VerificationKey[];
}

export interface OtherPathsOptions {
  readonly discovery: DiscoveryDocuments;
  /** Answers `/openapi/v2` and `/openapi/v3`. */
  readonly openApi: Handler<AuthorizedRequest>;
  readonly advertised: string;
  /** Absent: nobody is told how to verify tokens. */
  readonly openId: OpenIdPlace | undefined;
  readonly platform: string;
  readonly requestTimeoutMs?: number;
  readonly clock: Clock;
  readonly serviceClusterIpRange: string;
  readonly checks: (name: (typeof healthNames)[number]) => readonly HealthCheck[];
  /** What `/metrics` tells. */
  readonly metrics: Metrics;
  /** Absent: nobody waits for others. */
  readonly fairness?: RequestFairness;
  /** What `/metrics/slis` tells. */
  readonly health: Metrics;
}

/** Below this a server tells of its queues. */
const fairnessDumps = '/debug/api_priority_and_fairness/';

/** Answers every path that is not about a resource. */
export function otherPaths(options: OtherPathsOptions): Handler<AuthorizedRequest> {
  const health = new Map<string, Handler>(
    healthNames.map((name) => [name, answerHealth({ name, checks: () => options.checks(name) })]),
  );
  const startedMs = options.clock.now();
  return async (asked) => {
    // The path that was authorized, however it was spelled.
    const path = asked.target.isResource ? asked.path : asked.target.path;
    const request = { ...asked, path };
    const [first = ''] = path.slice(1).split('/');
    const answerOfHealth = health.get(first);
    if (answerOfHealth !== undefined) return answerOfHealth(request);
    if (first === 'openapi') return options.openApi(request);
    if (path === '/metrics' || path === '/metrics/slis') {
      const { answerMetrics } = await import('@fairway/serving/metrics');
      return answerMetrics(path === '/metrics' ? options.metrics : options.health);
    }
    if (path === '/statusz' || path === '/flagz') {
      // Loaded late: people look there now and then.
      const { answerStatusPage } = await import('./status-pages.ts');
      const nowMs = options.clock.now();
      const issuer = options.openId?.issuer ?? '';
      return answerStatusPage(request, {
        ...options,
        issuer,
        startedMs,
        nowMs,
        paths: statusPaths,
      });
    }
    if (options.fairness !== undefined && path.startsWith(fairnessDumps)) {
      const { dumpFairness } = await import('./fairness/dump-fairness.ts');
      return dumpFairness(options.fairness, request) ?? pageNotFound;
    }
    const document = documentAt(options, request);
    if (document !== undefined) return document;
    return answerDiscovery(options, request) ?? pageNotFound;
  };
}

/** Where `/statusz` sends people next. */
const statusPaths = ['/healthz', '/livez', '/readyz', '/version'];

function documentAt(
  options: OtherPathsOptions,
  request: AuthenticatedRequest,
): HttpResponse | undefined {
  const { path } = request;
  const { openId } = options;
  switch (path === '/' ? path : path.replace(/\/$/, '')) {
    case '/':
      return json({ paths: pathIndex(options) });
    case '/version':
      return json(versionInfo(options.platform));
    case '/.well-known/openid-configuration':
      return openId && publicJson('application/json', openIdConfiguration(openId.keys(), openId));
    case '/openid/v1/jwks':
      return openId && keySet(openId, request);
    default:
      return undefined;
  }
}

const keySetType = 'application/jwk-set+json';

function keySet({ keys }: OpenIdPlace, request: AuthenticatedRequest): HttpResponse {
  const accept = headerOf(request.headers, 'accept');
  if (negotiateMediaType(accept, [{ type: keySetType }]) === undefined) {
    const message = `406: Not Acceptable\n\nAvailable representations: ${keySetType}`;
    throw apiError('NotAcceptable', message, {});
  }
  return publicJson(keySetType, jsonWebKeySet(keys()));
}

function pathIndex({ discovery, checks }: OtherPathsOptions): readonly string[] {
  const paths = ['/.well-known/openid-configuration', '/api', '/apis', '/apis/'];
  for (const each of discovery.groupVersions()) {
    if (each.group !== '') paths.push(`/apis/${each.group}`);
    paths.push(groupVersionPath(each));
  }
  for (const name of healthNames) {
    paths.push(`/${name}`, ...checks(name).map((check) => `/${name}/${check.name}`));
  }
  paths.push(
    '/flagz',
    '/metrics',
    '/metrics/slis',
    '/openapi/v2',
    '/openapi/v3',
    '/openapi/v3/',
    '/openid/v1/jwks',
  );
  paths.push('/statusz', '/version');
  return [...new Set(paths)].sort();
}

function json(document: object): HttpResponse {
  return {
    status: 200,
    headers: { 'cache-control': 'no-cache, private', 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(document, undefined, 2)),
  };
}

function publicJson(type: string, document: object): HttpResponse {
  return {
    status: 200,
    headers: { 'cache-control': 'public, max-age=3600', 'content-type': type },
    body: Buffer.from(JSON.stringify(document)),
  };
}

const pageNotFound: HttpResponse = {
  status: 404,
  headers: {
    'cache-control': 'no-cache, private',
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
  },
  body: Buffer.from('404 page not found\n'),
};
