import type { Host } from '@fairway/host';
import { nodejsHost } from '@fairway/host/nodejs';
import { type Client, createClient } from './client.ts';
import { type ClusterTarget, type Impersonation, addressesOf } from './cluster-target.ts';
import type { ExplicitTarget } from './explicit-target.ts';
import type { FindClusterOptions } from './target/find-cluster.ts';
import type { ClusterOverrides } from './kubeconfig/select-context.ts';
import { type Transport, buildTransport } from './transport/build-transport.ts';
import type { TransportOptions } from './transport/transport-options.ts';
import type { FetchJson } from './credentials/oidc-auth-provider.ts';

export { type Transport, type TransportOptions, buildTransport };
export type { Retry } from './transport/retry-requests.ts';
export type { RateLimit } from './transport/limit-rate.ts';
export type { TraceContext, TracedRequest } from './transport/trace-requests.ts';
export type { UpgradeAnswer, UpgradeHandler } from '@fairway/protocol';

/**
 * Which cluster, as whom, and how. Everything may be left out.
 *
 * With `server` the program itself describes the cluster (`explicitTarget`), and nothing is looked
 * for: `certificateAuthority`, `credentials` and what else belongs to it is heeded only then.
 */
export interface ConnectOptions
  extends
    FindClusterOptions,
    Partial<Omit<ExplicitTarget, 'namespace' | 'impersonate'>>,
    Partial<Omit<TransportOptions, 'clock' | 'random' | 'variables'>> {
  /** A cluster that is known already; nothing is looked for. */
  readonly target?: ClusterTarget;
  /** Context of the kubeconfig; its current one when absent. */
  readonly context?: string;
  /** Act as somebody else; replaces what the kubeconfig says about that. */
  readonly as?: Impersonation;
  /** For calls that name none; that of the context, or `default`, when absent. */
  readonly namespace?: string;
  /** More addresses of the same cluster: the one with the least to do is used, those that fail are not. */
  readonly servers?: readonly string[];
  /** Who owns the fields that this client writes. */
  readonly fieldManager?: string;
  /** The machine; the one that this program runs on when absent. */
  readonly host?: Host;
}

/** A client with connections of its own, to be closed. */
export interface ConnectedClient extends Client, AsyncDisposable {
  readonly target: ClusterTarget;
  /** Cuts every connection; what is under way fails. */
  close(): Promise<void>;
}

/**
 * Finds the cluster by kubectl's rules, in a pod and outside, and makes a client for it. Connects
 * with the first call.
 *
 * Errors: `KubeconfigError` when there is no cluster to be found, or its description is wrong.
 */
export async function connect(options: ConnectOptions = {}): Promise<ConnectedClient> {
  const host = options.host ?? nodejsHost();
  const target = await targetOf(host, options);
  const transport = buildTransport(target, transportOptions(host, options));
  const { fieldManager } = options;
  const client = createClient({
    transport: transport.send,
    upgrade: (request) => transport.upgrade(request),
    clock: host.clock,
    random: host.random,
    namespace: target.namespace,
    ...(fieldManager === undefined ? {} : { fieldManager }),
  });
  const close = (): Promise<void> => transport.close();
  return { ...client, target, close, [Symbol.asyncDispose]: close };
}

async function targetOf(host: Host, options: ConnectOptions): Promise<ClusterTarget> {
  const { as: impersonate, namespace, servers, requestTimeoutMs } = options;
  const found = options.target ?? (await describedTarget(host, options));
  return {
    ...found,
    ...(options.target === undefined || namespace === undefined ? {} : { namespace }),
    ...(impersonate === undefined ? {} : { impersonate }),
    ...(requestTimeoutMs === undefined ? {} : { requestTimeoutMs }),
    ...(servers === undefined ? {} : { servers: [...addressesOf(found), ...servers] }),
  };
}

/** What the program says itself, else what a kubeconfig or a pod says. */
async function describedTarget(host: Host, options: ConnectOptions): Promise<ClusterTarget> {
  const { server, context, namespace } = options;
  if (server !== undefined) {
    requireNoContext(options);
    // Most programs are told by a kubeconfig, and need not load this.
    const { explicitTarget } = await import('./explicit-target.ts');
    return explicitTarget(host.clock, { ...options, server });
  }
  requireNoOrphans(options);
  const overrides: ClusterOverrides = {
    ...(context === undefined ? {} : { context }),
    ...(namespace === undefined ? {} : { namespace }),
    ...options.overrides,
  };
  const fetchJson = options.fetchJson ?? lazyFetchJson(host);
  return lazyFindCluster(host, { ...options, overrides, fetchJson });
}

function requireNoContext({ context, kubeconfig, overrides }: ConnectOptions): void {
  if (context === undefined && kubeconfig === undefined && overrides === undefined) return;
  throw new TypeError(
    'connect: "server" describes a cluster without a kubeconfig; leave out "context", "kubeconfig" and "overrides", or give overrides.server instead',
  );
}

/** Credentials that went nowhere would be found out late. */
function requireNoOrphans(options: ConnectOptions): void {
  const orphan = explicitOnly.find((name) => options[name] !== undefined);
  if (orphan === undefined) return;
  throw new TypeError(
    `connect: "${orphan}" belongs to a "server"; give one, or use "overrides" to change what a kubeconfig says`,
  );
}

const explicitOnly = [
  'certificateAuthority',
  'isInsecure',
  'serverName',
  'token',
  'credentials',
  'proxyUrl',
  'disableCompression',
] as const;

function transportOptions(host: Host, options: ConnectOptions): TransportOptions {
  const { onWarning, onRetry, isRetryWanted, rateLimit, traceContext, userAgent, limits } = options;
  const { variables } = host.environment;
  // The variable that Go clients know.
  const isHttp2Wanted = options.isHttp2Wanted ?? (variables['DISABLE_HTTP2'] ?? '') === '';
  return {
    clock: host.clock,
    random: host.random,
    variables,
    isHttp2Wanted,
    ...(onWarning === undefined ? {} : { onWarning }),
    ...(onRetry === undefined ? {} : { onRetry }),
    ...(isRetryWanted === undefined ? {} : { isRetryWanted }),
    ...(rateLimit === undefined ? {} : { rateLimit }),
    ...(traceContext === undefined ? {} : { traceContext }),
    ...(userAgent === undefined ? {} : { userAgent }),
    ...(limits === undefined ? {} : { limits }),
  };
}

// Loaded only when the target is not given, but has to be found.
async function lazyFindCluster(host: Host, options: FindClusterOptions): Promise<ClusterTarget> {
  const { findCluster } = await import('./target/find-cluster.ts');
  return findCluster(host, options);
}

// Only those who sign in by OpenID Connect need it.
function lazyFetchJson(host: Host): FetchJson {
  return async (request) => {
    const { nodeFetchJson } = await import('./transport/fetch-json.ts');
    const { clock, environment } = host;
    return nodeFetchJson({ clock, variables: environment.variables })(request);
  };
}
