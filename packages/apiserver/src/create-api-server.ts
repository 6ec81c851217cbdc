import { DisposalStack, OwnedTimers } from '@fairway/host';
import type { Handler } from '@fairway/protocol';
import type { ApiServerOptions } from './api-server-options.ts';
import { bootstrap } from './bootstrap/bootstrap.ts';
import { FairnessMetrics } from './fairness/fairness-metrics.ts';
import { HealthChecks } from './health-checks.ts';
import { measureAuthenticator, measureAuthorizer } from './metrics/access-metrics.ts';
import { Metrics } from '@fairway/serving/metrics';
import { noteTokenUse } from './note-token-use.ts';
import { dialThrough } from './proxying/webhook-services.ts';
import { ServiceSlices } from './reads/service-slices.ts';
import { defaultTimeoutMs } from './request-pipeline.ts';
import { ServerAdmission } from './server-admission.ts';
import { ServerAuthorization } from './server-authorization.ts';
import { ServerFairness, defaultRequestBounds } from './server-fairness.ts';
import { startFollowers } from './server-followers.ts';
import { type ServerHandlers, loopbackUser, serverHandlers } from './server-handlers.ts';
import { observeServer } from './server-observation.ts';
import { makeParts } from './server-parts.ts';
import { readResources } from './server-resources.ts';
import { assembleRoutes } from './server-routes.ts';

/** A Kubernetes API without a socket. */
export interface ApiServer extends ServerHandlers, AsyncDisposable {
  /** From now on `/readyz` says that it is not, and all else is answered as before. */
  announceEnd(): void;
  /** Requests that come from now on are told to try again; watches end. */
  close(): Promise<void>;
}

/**
 * Serves the Kubernetes API over a store. Resolves when the server is ready: everything that a
 * cluster starts with is there.
 */
export async function createApiServer(given: ApiServerOptions): Promise<ApiServer> {
  const { metrics = new Metrics(), clock, logger } = given;
  const measuring = { metrics, clock };
  await using started = new DisposalStack();
  const stopping = new AbortController();
  const { signal } = stopping;
  const endWithServer = (ended: () => PromiseLike<void>): void =>
    started.defer(() => {
      stopping.abort();
      return ended();
    });
  const timers = new OwnedTimers(clock);
  started.defer(() => timers[Symbol.dispose]());
  const guard = new ServerAuthorization(given.authorization);
  const resources = readResources(given, { timers, measuring });
  const { store, registry } = resources;
  const own = { ...resources, guard, measuring, metrics, timers, signal };
  const serviceSlices = new ServiceSlices({ ...given, ...own });
  const options = { ...given, ...dialThrough({ ...given, ...own, serviceSlices }) };
  const asServer = (): Handler => loopback;
  const admission = new ServerAdmission(options, { ...options, ...own, asServer });
  const running = { ...own, serviceSlices, admission };
  const parts = makeParts(options, running);
  started.use(parts.yaml);
  endWithServer(() => serviceSlices.ended());
  const checks = new HealthChecks(store);
  const { requestBounds = defaultRequestBounds, requestTimeoutMs: timeoutMs = defaultTimeoutMs } =
    options;
  const turns = requestBounds.isFair
    ? new ServerFairness(requestBounds, {
        store,
        clock: timers,
        registry,
        timeoutMs,
        fairnessMetrics: new FairnessMetrics(metrics, clock),
      })
    : undefined;
  const { routes, authenticator } = assembleRoutes(options, {
    ...running,
    parts,
    checks,
    ...(turns && { fairness: turns.fairness }),
    noteUsed: (...use) => noteUsed(...use),
  });
  const handlers = serverHandlers(
    {
      ...options,
      ...options.authentication?.frontProxy,
      ...observeServer(given, { ...measuring, registry }),
      authenticator: measureAuthenticator(authenticator, measuring),
      authorizer: measureAuthorizer(guard.authorizer, measuring),
      bounds: turns?.fairness ?? requestBounds,
      timeoutMs,
      aggregatedApis: resources.aggregatedApis,
    },
    routes,
  );
  const loopback = handlers.handlerFor(loopbackUser);
  const noteUsed = noteTokenUse(loopback, logger);
  await bootstrap(loopback, { ...options, ...resources });
  // Not before, so that the first picture holds the roles that every cluster starts with.
  await startFollowers({ ...options, ...running, turns, handler: loopback }, (ended) =>
    endWithServer(() => ended),
  );
  admission.beginWebhooks();
  checks.started();
  const ownedByServer = started.move();
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => (closed ??= ownedByServer[Symbol.asyncDispose]());
  return {
    ...handlers,
    announceEnd: () => checks.ending(),
    close,
    [Symbol.asyncDispose]: close,
  };
}
