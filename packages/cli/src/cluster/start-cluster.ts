import {
  type ApiServer,
  createApiServer,
  firstServiceAddress,
  parseAddressRange,
  stampResourceVersion,
  tokenNames,
} from '@fairway/apiserver';
import { DisposalStack, type Host } from '@fairway/host';
import { type Handler, type UpgradeHandler, apiError } from '@fairway/protocol';
import { type EnsuredCertificates, ensureCertificates } from '@fairway/certificates';
import { type Listener, listen } from '@fairway/serving';
import { type Store, createMemoryStore, openSqliteStore } from '@fairway/store';
import { addToKubeconfig, checkKubeconfig, removeFromKubeconfig } from './admin-kubeconfig.ts';
import type { AuthorizationChoice } from '../cluster-access/authorization-flags.ts';
import { ClusterAuthorization } from '../cluster-access/cluster-authorization.ts';
import { WebhookConnections } from '../cluster-access/webhook-connections.ts';
import { ServiceAccountKeyFiles } from '../cluster-access/service-account-key-files.ts';
import type { ServiceAccountOptions } from '../cluster-access/service-account-flags.ts';
import type { AdminAccess, KubeconfigPlace } from './kubeconfig-place.ts';
import type { AuthenticationFlags } from '../cluster-access/authentication-flags.ts';
import { type Authentication, openAuthentication } from '../cluster-access/open-authentication.ts';
import { type ControllersState, startControllers } from './start-controllers.ts';
import { platformOf } from '../platform-name.ts';
import { advertisedAddress, localUrl, serverNames } from './server-names.ts';

export interface ClusterOptions {
  /** Holds the store, the certificates and the kubeconfig. Absolute. */
  readonly dataDirectory: string;
  /** Keeps objects in memory only; certificates and kubeconfig are still written. */
  readonly isInMemory: boolean;
  readonly listen: { readonly host: string; readonly port: number };
  /** Names and addresses under which clients reach the server from outside. */
  readonly extraNames: readonly string[];
  readonly serviceClusterIpRange: string;
  /** To this file the admin's entries are added once the cluster is ready. */
  readonly kubeconfig: string;
  /** Who authorizes requests; absent: Node, then RBAC. */
  readonly authorization?: AuthorizationChoice;
  /** The key in the data directory, and what a kube-apiserver does without flags, when absent. */
  readonly serviceAccounts?: ServiceAccountOptions;
  /** Which controllers run, as for `selectControllers`; all when absent. */
  readonly controllers?: readonly string[];
  /** Ways of proving who one is, beside those that every cluster has. */
  readonly authentication?: AuthenticationFlags;
}

/** A cluster that runs in this process. */
export interface Cluster extends AsyncDisposable {
  /** For users of this machine. */
  readonly url: string;
  readonly kubeconfig: string;
  readonly apiServer: ApiServer;
  /** Lets requests finish, then closes the store. */
  stop(options: { readonly graceMs: number }): Promise<void>;
}

/**
 * Starts a whole cluster in this process: store, certificates, API server, controllers. Resolves
 * when it answers `/readyz` with ok and the kubeconfig is written. What it adds to a kubeconfig that
 * others use too it takes out again when it stops.
 *
 * Errors: `CommandError` for a kubeconfig that cannot be changed, `StoreUnavailableError`,
 * `CertificateError`, `ListenError`.
 */
export async function startCluster(host: Host, options: ClusterOptions): Promise<Cluster> {
  parseAddressRange(options.serviceClusterIpRange);
  await host.files.makeDirectory(options.dataDirectory, { mode: 0o700 });
  await checkKubeconfig(host, kubeconfigPlace(options));
  await using started = new DisposalStack();
  const store = await openStore(host, options);
  started.defer(() => store.close());
  const certificates = await ensureClusterCertificates(host, options);
  const webhooks = started.use(new WebhookConnections(host));
  const { issuers, audiences } = tokenNames(options.serviceAccounts ?? {});
  const authentication = started.use(
    await openAuthentication(host, options.authentication ?? {}, {
      authorityCertificate: certificates.authority.certificate,
      dial: (endpoint) => webhooks.dial(endpoint),
      ownIssuers: issuers,
      audiences,
    }),
  );
  // The port is bound first, because the API tells it to its clients.
  let answers: Pick<ApiServer, 'handler' | 'upgrade'> = notReadyYet;
  const listener = started.use(
    await openListener(host, options, {
      certificates,
      authentication,
      handler: (request) => answers.handler(request),
      upgradeHandler: (request) => answers.upgrade(request),
    }),
  );
  const keyFiles = started.use(await openKeyFiles(host, options));
  const controllers: ControllersState = { problem: 'the controllers are starting' };
  const { authorization: choice } = options;
  const authorization =
    choice === undefined ? undefined : started.use(await ClusterAuthorization.open(host, choice));
  const apiServer = started.use(
    await openApiServer(host, options, {
      store,
      certificates,
      authentication,
      authorization,
      listener,
      controllers,
      webhooks,
      keyFiles,
    }),
  );
  answers = apiServer;
  const url = localUrl(listener.url);
  await addToKubeconfig(host, kubeconfigPlace(options), adminAccess(url, certificates));
  started.defer(() => leaveKubeconfig(host, options));
  const stopping = new AbortController();
  const controllersEnded = startControllers(
    host,
    { ...options, apiServer, certificates, keyFiles, state: controllers },
    stopping.signal,
  );
  const running = started.move();
  const stop = async ({ graceMs }: { readonly graceMs: number }): Promise<void> => {
    stopping.abort();
    try {
      await controllersEnded;
      // Watches end with the API server, so that no connection waits for them.
      await apiServer.close();
      await listener.close({ graceMs });
    } finally {
      // The store is closed and the kubeconfig given back, whatever failed before.
      await running[Symbol.asyncDispose]();
    }
  };
  return {
    url,
    kubeconfig: options.kubeconfig,
    apiServer,
    stop,
    [Symbol.asyncDispose]: () => stop({ graceMs: 0 }),
  };
}

function kubeconfigPlace({ kubeconfig, dataDirectory }: ClusterOptions): KubeconfigPlace {
  return { path: kubeconfig, dataDirectory };
}

function adminAccess(url: string, { authority, clients }: EnsuredCertificates): AdminAccess {
  const admin = clients['admin'];
  if (admin === undefined) throw new Error('the certificates of the cluster have no admin');
  const { certificate, key } = admin;
  return { url, authority: authority.certificate, certificate, key };
}

// A file that cannot be changed any more must not keep the cluster from stopping.
async function leaveKubeconfig(host: Host, options: ClusterOptions): Promise<void> {
  try {
    await removeFromKubeconfig(host, kubeconfigPlace(options));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    host.logger.warn('the entries of this cluster stay in the kubeconfig', { reason });
  }
}

function openStore(host: Host, options: ClusterOptions): Promise<Store> {
  const shared = { stamp: stampResourceVersion, clock: host.clock };
  return options.isInMemory
    ? Promise.resolve(createMemoryStore(shared))
    : openSqliteStore({ ...shared, directory: `${options.dataDirectory}/store` });
}

function ensureClusterCertificates(
  host: Host,
  options: ClusterOptions,
): Promise<EnsuredCertificates> {
  const serviceAddress = firstServiceAddress(options.serviceClusterIpRange);
  return ensureCertificates({
    ...host,
    directory: `${options.dataDirectory}/pki`,
    authorityName: 'fairway-ca',
    serverNames: serverNames(host.environment, { ...options, serviceAddress }),
    clients: { admin: { commonName: 'fairway-admin', organizations: ['system:masters'] } },
  });
}

function openListener(
  { logger, clock }: Host,
  options: ClusterOptions,
  {
    certificates,
    authentication,
    ...answers
  }: {
    readonly certificates: EnsuredCertificates;
    readonly authentication: Authentication;
    readonly handler: Handler;
    readonly upgradeHandler: UpgradeHandler;
  },
): Promise<Listener> {
  return listen({
    ...options.listen,
    ...answers,
    tls: {
      ...certificates.server,
      clientCertificateAuthorities: authentication.handshakeAuthorities,
    },
    logger,
    clock,
  });
}

function openKeyFiles(host: Host, options: ClusterOptions): Promise<ServiceAccountKeyFiles> {
  const ownFile = `${options.dataDirectory}/pki/service-account.key`;
  return ServiceAccountKeyFiles.open({
    ...host,
    keyFiles: [],
    ...options.serviceAccounts,
    ownFile,
  });
}

async function openApiServer(
  host: Host,
  options: ClusterOptions,
  {
    store,
    certificates,
    authentication,
    listener,
    controllers,
    webhooks,
    authorization,
    keyFiles,
  }: {
    readonly store: Store;
    readonly certificates: EnsuredCertificates;
    readonly authentication: Authentication;
    readonly listener: Listener;
    readonly controllers: ControllersState;
    readonly webhooks: WebhookConnections;
    readonly authorization: ClusterAuthorization | undefined;
    readonly keyFiles: ServiceAccountKeyFiles;
  },
): Promise<ApiServer> {
  return createApiServer({
    ...host,
    store,
    serviceAccountTokens: { ...options.serviceAccounts, keys: () => keyFiles.keys },
    authorityCertificate: certificates.authority.certificate,
    authentication: authentication.options,
    advertised: advertisedPlace(host, listener),
    serviceClusterIpRange: options.serviceClusterIpRange,
    platform: platformOf(host.environment),
    ...(authorization === undefined ? {} : { authorization: authorization.choices }),
    dial: { webhook: (endpoint) => webhooks.dial(endpoint) },
    components: new Map([['controller-manager', async () => controllers.problem]]),
  });
}

// By the address that the listener is bound to: what was asked for may be a name.
function advertisedPlace(
  { environment }: Host,
  { address }: Listener,
): { readonly host: string; readonly port: number } {
  if ('path' in address) throw new Error('a cluster listens on a port');
  return { host: advertisedAddress(environment, address.host), port: address.port };
}

const starting = async (): Promise<never> => {
  throw apiError('ServiceUnavailable', 'the API server is starting', { retryAfterSeconds: 1 });
};

const notReadyYet = { handler: starting, upgrade: starting };
