import { type Authenticator, type TokenLookups, mastersGroup } from '@fairway/access';
import {
  type Clock,
  DisposalStack,
  type Logger,
  OwnedTimers,
  type ProcessFigures,
  type Random,
  giveWay,
} from '@fairway/host';
import type { KindRules } from '@fairway/kind-rules';
import { type BuiltInSchemas, builtInSchemas } from '@fairway/kinds/schema';
import { type Handler, type UpgradeHandler, type UserInfo, hostPort } from '@fairway/protocol';
import type { Store } from '@fairway/store';
import { type AuthenticationOptions, assembleAuthentication } from './authentication.ts';
import type { AdmissionPlugin } from './admission/admission-plugin.ts';
import type { AdmissionConfigurations } from './admission/configurations/read-configurations.ts';
import { admissionPlugins } from './admission/admission-plugins.ts';
import {
  AdmissionPolicies,
  admissionPoliciesRange,
} from './admission/policies/admission-policies.ts';
import { AdmissionWebhooks } from './admission/webhooks/admission-webhooks.ts';
import type { Dial } from './calls/dial.ts';
import { ClusterReader } from './reads/cluster-reader.ts';
import { definitionRules } from './custom-resources/definition-rules.ts';
import { serveCustomResources } from './custom-resources/custom-resource-definitions.ts';
import { bootstrap } from './bootstrap/bootstrap.ts';
import { DiscoveryDocuments } from './discovery/discovery-documents.ts';
import { HealthChecks } from './health-checks.ts';
import { Compaction } from './reads/compaction.ts';
import { ListRuns } from './reads/list-runs.ts';
import { ServiceSlices } from './reads/service-slices.ts';
import { StoredFacts } from './reads/stored-facts.ts';
import { openApiWhenAsked } from './openapi/open-api-when-asked.ts';
import { noteTokenUse } from './note-token-use.ts';
import { type OtherPathsOptions, otherPaths } from './other-paths.ts';
import { followApiServices } from './aggregation/follow-api-services.ts';
import { type AuditOptions, Auditor } from './audit/auditor.ts';
import { FairnessMetrics } from './fairness/fairness-metrics.ts';
import { HealthMetrics } from './metrics/health-metrics.ts';
import { WatchMetrics } from './metrics/watch-metrics.ts';
import { countStoredObjects, measureStore } from './metrics/storage-metrics.ts';
import { WebhookMetrics } from './admission/webhooks/webhook-metrics.ts';
import { measureAdmission } from './admission/measure-admission.ts';
import { measureAuthenticator, measureAuthorizer } from './metrics/access-metrics.ts';
import { Metrics } from './metrics/metrics.ts';
import { tellOfProcess } from './metrics/process-metrics.ts';
import { RequestMetrics } from './metrics/request-metrics.ts';
import type { EncryptionAtRest } from './encryption/encryption-at-rest.ts';
import { readableStore, storeWithoutUnreadable } from './encryption/readable-store.ts';
import { type AggregatedApi, AggregatedApis } from './registry/aggregated-api.ts';
import { ApiServices } from './registry/api-services.ts';
import { builtInResources } from './registry/built-in-resources.ts';
import { ResourceRegistry } from './registry/resource-registry.ts';
import type { ServedApis } from './registry/runtime-config.ts';
import { buildRequestPipeline, defaultTimeoutMs } from './request-pipeline.ts';
import { type RouteOptions, routeRequest, routeUpgrade } from './route-request.ts';
import { type AuthorizerChoice, ServerAuthorization } from './server-authorization.ts';
import { type RequestBounds, ServerFairness, defaultRequestBounds } from './server-fairness.ts';
import { buildUpgradePipeline } from './upgrade-pipeline.ts';
import { followRange } from './storage/follow-range.ts';
import { reclaimAllocations } from './allocators/reclaim-allocations.ts';
import {
  type ServiceAccountTokenSettings,
  serviceAccountAccess,
} from './service-account-access.ts';
import { serviceAllocator } from './allocators/service-allocator.ts';
import type { ServiceAddressParts } from './proxying/service-addresses.ts';
import { throughServices } from './proxying/webhook-services.ts';
import { createToken } from './subresources/token.ts';
import type { ComponentParts } from './verbs/component-statuses.ts';
import type { ServerParts } from './route-request.ts';
import { SharedFrames } from './content/shared-frames.ts';
import { YamlDecoder } from './content/yaml-decoder.ts';

export interface ApiServerOptions {
  /** Made with `stampResourceVersion` as its stamp. */
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly serviceAccountTokens: ServiceAccountTokenSettings;
  /** In PEM: who certifies this server's clients. Absent: nobody, unless `authentication` names somebody. */
  readonly authorityCertificate?: string;
  /**
   * Where pods and other servers reach this one. The `kubernetes` service has it for its endpoint,
   * unless it is an address of this machine alone.
   */
  readonly advertised: { readonly host: string; readonly port: number };
  /** `10.0.0.0/24`: where services get their addresses from. */
  readonly serviceClusterIpRange: string;
  /** `linux/amd64`, for `/version`. */
  readonly platform: string;
  /**
   * Which modes are asked, in their order, anew at each decision; the same list while nothing has changed.
   * Absent: Node, then RBAC.
   */
  readonly authorization?: () => readonly AuthorizerChoice[];
  readonly authentication?: AuthenticationOptions;
  /** By their names: what of the server's own admission is on that is off by default, as by `--enable-admission-plugins`. */
  readonly enabledAdmissionPlugins?: readonly string[];
  /** By their names: what of the server's own admission is left out, as by `--disable-admission-plugins`. */
  readonly disabledAdmissionPlugins?: readonly string[];
  /** What plugins are told by `--admission-control-config-file`. */
  readonly admissionConfigurations?: AdmissionConfigurations;
  /** False: containers may not be privileged. True when absent. */
  readonly allowsPrivileged?: boolean;
  /** How many requests run at once, and whether others wait; as with a kube-apiserver when absent. */
  readonly requestBounds?: RequestBounds;
  /** To the beginning of an answer, unless the caller asks for less. 60 s when absent. */
  readonly requestTimeoutMs?: number;
  /** How long watches last at least whose callers do not say. 30 minutes when absent. */
  readonly watchTimeoutMsMin?: number;
  /** How long events stay. An hour when absent. */
  readonly eventsTimeToLiveMs?: number;
  /** By which the store's values were opened; absent: they lie there as they are. */
  readonly encryption?: EncryptionAtRest;
  /** Which built-in resources callers find; all when absent. */
  readonly isServed?: ServedApis;
  /** Asked after the server's own. */
  readonly admissionPlugins?: readonly AdmissionPlugin[];
  /** The way to the nodes. Absent: exec, attach, port-forward and logs answer 501. */
  readonly dial?: Dial;
  /** What other components of this process answer. */
  readonly aggregatedApis?: readonly AggregatedApi[];
  /** As `--kubelet-preferred-address-types`. */
  readonly kubeletAddressTypes?: readonly string[];
  /**
   * Parts of the cluster that are in this process, by their names among `componentstatuses`: each tells
   * what is wrong with it, undefined when nothing is. Others are known by their leases.
   */
  readonly components?: ComponentParts['components'];
  /** What `/metrics` tells, beside what this server counts itself; nothing when absent. */
  readonly metrics?: Metrics;
  /** What is told of requests, and to whom; nothing when absent. */
  readonly audit?: AuditOptions;
  /** What this process uses of the machine, for `/metrics`; not told when absent. */
  readonly processFigures?: () => Promise<ProcessFigures>;
}

/** A Kubernetes API without a socket. */
export interface ApiServer extends AsyncDisposable {
  /** Authenticates each request by its credentials. */
  readonly handler: Handler;
  /**
   * The same API for callers inside the process: requests are made as the user given, without
   * authentication.
   */
  handlerFor(user: UserInfo): Handler;
  /** What may become a stream; a request that cannot is refused with the answer of `handler`. */
  readonly upgrade: UpgradeHandler;
  /** As `handlerFor`. */
  upgradeFor(user: UserInfo): UpgradeHandler;
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
  const measured = { ...given, store: measureStore(given.store, measuring) };
  const known = { ...measured, ...storesOf(measured) };
  const { store } = known;
  await using started = new DisposalStack();
  const stopping = new AbortController();
  const endWithServer = (ended: Promise<void>): void =>
    started.defer(() => {
      stopping.abort();
      return ended;
    });
  const timers = new OwnedTimers(clock);
  started.defer(() => timers[Symbol.dispose]());
  const guard = new ServerAuthorization(known.authorization);
  const { authorizer } = guard;
  const resources = readResources(known, timers);
  const follower = { ...known, ...resources, signal: stopping.signal };
  const serviceSlices = new ServiceSlices(follower);
  const options = { ...known, ...dialThrough({ ...follower, serviceSlices }) };
  const policies = new AdmissionPolicies();
  const asServer = (): Handler => handlerFor(loopbackUser);
  const webhooks = new AdmissionWebhooks({
    ...options,
    ...resources,
    authorizer,
    webhookMetrics: new WebhookMetrics(measuring),
    signal: stopping.signal,
  });
  const running = {
    guard,
    stopping: stopping.signal,
    timers,
    policies,
    webhooks,
    serviceSlices,
    asServer,
  };
  const unmeasured = makeParts(options, resources, running);
  const admission = measureAdmission(unmeasured.admission, measuring);
  const parts = { ...unmeasured, admission, watchMetrics: new WatchMetrics(metrics) };
  started.use(parts.yaml);
  started.defer(async () => {
    stopping.abort();
    await Promise.all([parts.serviceSlices.ended(), webhooks.ended()]);
  });
  const checks = new HealthChecks(store);
  const auditor = options.audit && new Auditor(options.audit, measuring);
  const requestMetrics = new RequestMetrics(metrics, { ...resources, clock });
  countStoredObjects(metrics, { ...resources, store: given.store });
  if (options.processFigures !== undefined) tellOfProcess(metrics, options.processFigures);
  const { requestBounds = defaultRequestBounds, requestTimeoutMs: timeoutMs = defaultTimeoutMs } =
    options;
  const { registry } = resources;
  const turns = requestBounds.isFair
    ? new ServerFairness(requestBounds, {
        store,
        clock: timers,
        registry,
        timeoutMs,
        fairnessMetrics: new FairnessMetrics(metrics, clock),
      })
    : undefined;
  const { routes, authenticator: whoAsks } = assemble(options, {
    resources,
    parts,
    guard,
    checks,
    metrics,
    timers,
    noteUsed: (...use) => noteUsed(...use),
  });
  const authenticator = measureAuthenticator(whoAsks, measuring);
  const countedAuthorizer = measureAuthorizer(authorizer, measuring);
  const filters = (who: Authenticator) => ({
    ...options,
    ...options.authentication?.frontProxy,
    authenticator: who,
    authorizer: countedAuthorizer,
    requestMetrics,
    bounds: turns?.fairness ?? requestBounds,
    timeoutMs,
    ...(auditor && { auditor }),
    aggregatedApis: resources.aggregatedApis,
  });
  const pipeline = (who: Authenticator): Handler =>
    buildRequestPipeline(filters(who), routeRequest(routes));
  const upgradePipeline = (who: Authenticator, handler: Handler): UpgradeHandler =>
    buildUpgradePipeline(filters(who), { handler, route: routeUpgrade(routes) });
  const handlerFor = (user: UserInfo): Handler => givingWay(pipeline(isAlways(user)));
  const handler = pipeline(authenticator);
  const loopback = handlerFor(loopbackUser);
  const noteUsed = noteTokenUse(loopback, logger);
  await bootstrap(loopback, { ...options, ...resources });
  // Not before, so that the first picture holds the roles that every cluster starts with.
  const follow = { store, clock, logger, registry, signal: stopping.signal };
  endWithServer((await guard.follow(follow)).ended);
  endWithServer((await followRange(admissionPoliciesRange, policies, follow)).ended);
  if (turns !== undefined) {
    endWithServer((await turns.follow({ ...follow, clock: timers, handler: loopback })).ended);
  }
  const customResourcesFollowed = await serveCustomResources({
    ...options,
    ...resources,
    handler: loopback,
    signal: stopping.signal,
  });
  endWithServer(customResourcesFollowed.ended);
  const aggregation = await followApiServices({
    ...options,
    ...resources,
    serviceSlices: parts.serviceSlices,
    handler: loopback,
    signal: stopping.signal,
  });
  endWithServer(aggregation.ended);
  endWithServer(reclaimAllocations({ ...options, signal: stopping.signal }));
  webhooks.begin();
  checks.started();
  const ownedByServer = started.move();
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => (closed ??= ownedByServer[Symbol.asyncDispose]());
  return {
    handler,
    handlerFor,
    upgrade: upgradePipeline(authenticator, handler),
    upgradeFor: (user) => upgradePipeline(isAlways(user), handlerFor(user)),
    announceEnd: () => checks.ending(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

interface Stores {
  /** For who follows it. */
  readonly store: Store;
  /** For who answers callers. */
  readonly servedStore: Store;
}

function storesOf({ store, encryption }: ApiServerOptions): Stores {
  if (encryption === undefined || encryption.unreadableCount === 0) {
    return { store, servedStore: store };
  }
  return {
    store: storeWithoutUnreadable(store, encryption),
    servedStore: readableStore(store, encryption),
  };
}

/** The rules of definitions are extended with those that need this server. */
const ownRules: ReadonlyMap<string, KindRules> = new Map([
  ['apiextensions.k8s.io/customresourcedefinitions', definitionRules as unknown as KindRules],
]);

/** Whoever calls is taken for this user. */
function isAlways(user: UserInfo): Authenticator {
  return async () => ({ kind: 'authenticated', user });
}

/**
 * Calls from inside the process never wait for a socket, so a caller that makes many of them would
 * keep the event loop busy.
 */
function givingWay(handler: Handler): Handler {
  return async (request) => {
    await giveWay();
    return handler(request);
  };
}

/** The user as which the server calls its own API. */
const loopbackUser: UserInfo = { username: 'system:apiserver', groups: [mastersGroup] };

/** What there is to serve, and how to look at what is stored of it. */
interface Resources {
  readonly schemas: BuiltInSchemas;
  readonly registry: ResourceRegistry;
  readonly apiServices: ApiServices;
  readonly aggregatedApis: AggregatedApis;
  readonly facts: StoredFacts;
  readonly cluster: ClusterReader;
}

function readResources(options: ApiServerOptions & Stores, timers: OwnedTimers): Resources {
  const { servedStore: store, isServed, eventsTimeToLiveMs } = options;
  const schemas = builtInSchemas();
  const registry = new ResourceRegistry(
    builtInResources(schemas, ownRules, eventsTimeToLiveMs),
    isServed,
  );
  const facts = new StoredFacts(timers);
  const cluster = new ClusterReader({ store, registry, facts });
  const aggregatedApis = new AggregatedApis(options.aggregatedApis);
  return { schemas, registry, apiServices: new ApiServices(), aggregatedApis, facts, cluster };
}

/** The ways out, of which that to webhooks finds those behind services too. */
function dialThrough({
  dial,
  ...parts
}: ServiceAddressParts & Pick<ApiServerOptions, 'dial'>): Pick<ApiServerOptions, 'dial'> {
  if (dial?.webhook === undefined) return dial === undefined ? {} : { dial };
  return { dial: { ...dial, webhook: throughServices(dial.webhook, parts) } };
}

interface Running {
  readonly guard: ServerAuthorization;
  readonly webhooks: AdmissionWebhooks;
  readonly serviceSlices: ServiceSlices;
  readonly stopping: AbortSignal;
  /** Of what forgets after a while; they end with the server. */
  readonly timers: OwnedTimers;
  readonly policies: AdmissionPolicies;
  readonly asServer: () => Handler;
}

function makeParts(
  options: ApiServerOptions & Stores,
  { schemas, registry, facts, cluster }: Resources,
  running: Running,
): Omit<ServerParts, 'watchMetrics'> {
  const { servedStore: store, clock, random, logger, encryption } = options;
  const { guard, stopping, timers, serviceSlices } = running;
  return {
    store,
    watchTimeoutMsMin: options.watchTimeoutMsMin ?? 1_800_000,
    isStale: (key) => encryption?.isStale(key) ?? false,
    schemas,
    resources: registry,
    facts,
    cluster,
    ...(options.dial === undefined ? {} : { dial: options.dial }),
    ...(options.kubeletAddressTypes && { kubeletAddressTypes: options.kubeletAddressTypes }),
    components: options.components ?? new Map(),
    serviceSlices,
    runs: new ListRuns({ clock: timers }),
    compaction: new Compaction(store, timers),
    yaml: new YamlDecoder(clock),
    sharedFrames: new SharedFrames({ clock: timers }),
    authorizer: guard.authorizer,
    admission: [
      ...admissionPlugins(
        {
          cluster,
          registry,
          schemas,
          facts,
          store,
          clock,
          random,
          ...running,
          configurations: options.admissionConfigurations ?? {},
        },
        options,
      ),
      ...(options.admissionPlugins ?? []),
    ],
    allocators: new Map([['/services', serviceAllocator(options)]]),
    clock,
    random,
    logger,
    stopping,
  };
}

interface Assembly {
  readonly resources: Resources;
  readonly parts: ServerParts;
  readonly guard: ServerAuthorization;
  readonly checks: HealthChecks;
  readonly metrics: Metrics;
  readonly timers: OwnedTimers;
  readonly noteUsed: TokenLookups['noteUsed'];
}

function assemble(options: ApiServerOptions, assembly: Assembly) {
  const { resources, parts, guard, checks, metrics, timers, noteUsed } = assembly;
  const { registry, apiServices, aggregatedApis, cluster } = resources;
  const discovery = new DiscoveryDocuments(registry, apiServices, aggregatedApis);
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
      discovery,
      openApi: openApiWhenAsked({ registry, clock: timers, aggregatedApis }),
      advertised,
      openId: accounts.openId,
      metrics,
      checks: (name) => health.counted(name, checksOf(name)),
      health: health.metrics,
    }),
  };
  return { routes, authenticator };
}
