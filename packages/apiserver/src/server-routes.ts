import type { Authenticator, TokenLookups } from '@fairway/access';
import type { Clock } from '@fairway/host';
import { hostPort } from '@fairway/protocol';
import type { ApiServerOptions } from './api-server-options.ts';
import { assembleAuthentication } from './authentication.ts';
import { DiscoveryDocuments } from './discovery/discovery-documents.ts';
import type { RequestFairness } from './fairness/request-fairness.ts';
import type { HealthChecks } from './health-checks.ts';
import { HealthMetrics } from './metrics/health-metrics.ts';
import type { Metrics } from '@fairway/serving/metrics';
import { openApiWhenAsked } from './openapi/open-api-when-asked.ts';
import { type OtherPathsOptions, otherPaths } from './other-paths.ts';
import type { RouteOptions, ServerParts } from './route-request.ts';
import type { ServerAuthorization } from './server-authorization.ts';
import type { ServerResources } from './server-resources.ts';
import { serviceAccountAccess } from './service-account-access.ts';
import { createToken } from './subresources/token.ts';

interface Assembly extends ServerResources {
  readonly parts: ServerParts;
  readonly guard: ServerAuthorization;
  readonly checks: HealthChecks;
  readonly metrics: Metrics;
  readonly timers: Clock;
  readonly noteUsed: TokenLookups['noteUsed'];
  readonly fairness?: RequestFairness;
}

/** Where requests lead, and who tells whose they are: the same tokens are reviewed that callers come with. */
export function assembleRoutes(
  options: ApiServerOptions,
  assembly: Assembly,
): { readonly routes: RouteOptions; readonly authenticator: Authenticator } {
  const { registry, apiServices, aggregatedApis, cluster } = assembly;
  const { parts, guard, checks, metrics, timers, noteUsed, fairness } = assembly;
  const { host, port } = options.advertised;
  const advertised = hostPort(host, port);
  const { random } = options;
  const accounts = serviceAccountAccess(options.serviceAccountTokens, {
    cluster,
    clock: timers,
    random,
    advertised,
    noteUsed,
  });
  const { authenticator, tokens } = assembleAuthentication(options.authentication ?? {}, {
    serviceAccounts: accounts.authenticator,
    cluster,
    clock: options.clock,
  });
  const checksOf: OtherPathsOptions['checks'] = (name) =>
    name === 'livez' ? checks.live : checks.ready;
  const health = new HealthMetrics(checksOf);
  const routes: RouteOptions = {
    registry,
    aggregatedApis,
    parts,
    reviewers: { ...guard, tokens, audiences: accounts.audiences },
    createToken: createToken(accounts.issue),
    otherPaths: otherPaths({
      ...options,
      discovery: new DiscoveryDocuments({ registry, apiServices, aggregatedApis }),
      openApi: openApiWhenAsked({ registry, clock: timers, aggregatedApis }),
      advertised,
      openId: accounts.openId,
      metrics,
      checks: (name) => health.counted(name, checksOf(name)),
      health: health.metrics,
      ...(fairness && { fairness }),
    }),
  };
  return { routes, authenticator };
}
