import {
  type AggregatedApi,
  type ApiServer,
  type ApiServerOptions,
  type RequestBounds,
  createApiServer,
  tokenNames,
} from '@fairway/apiserver';
import type { EncryptionAtRest } from '@fairway/apiserver/encryption';
import type { CertifiedKey } from '@fairway/certificates';
import { DisposalStack, type Host, sleep } from '@fairway/host';
import { type Handler, type HttpRequest, type UpgradeHandler, apiError } from '@fairway/protocol';
import { type Listener, isHealthPath, listen } from '@fairway/serving';
import type { Store } from '@fairway/store';
import { readAdmissionFile } from '../cluster-access/admission-file.ts';
import type { AuthenticationFlags } from '../cluster-access/authentication-flags.ts';
import type { AuthorizationChoice } from '../cluster-access/authorization-flags.ts';
import { ClusterAuthorization } from '../cluster-access/cluster-authorization.ts';
import {
  type Authentication,
  type OwnFrontProxy,
  openAuthentication,
} from '../cluster-access/open-authentication.ts';
import { podPortStreams } from './pod-port-streams.ts';
import type { ProxyClientFlags } from '../cluster-access/proxy-client-flags.ts';
import type { KubeletFlags } from '../cluster-access/kubelet-flags.ts';
import type { EncryptionFlags } from '../cluster-access/open-encryption.ts';
import type { ServiceAccountOptions } from '../cluster-access/service-account-flags.ts';
import { ServiceAccountKeyFiles } from '../cluster-access/service-account-key-files.ts';
import { platformOf } from '../platform-name.ts';
import type { ApiSwitches } from '../server-flags/api-flags.ts';
import type { ServerTimes } from '../server-flags/request-flags.ts';
import type { AuditChoice } from '../server-flags/audit-flags.ts';
import { advertisedAddress } from './server-names.ts';
import { type KubeletAccess, openWaysOut } from './ways-out.ts';

/** What a kube-apiserver has flags for. */
export interface ServedApiOptions {
  readonly listen: { readonly host: string; readonly port: number };
  /**
   * An address of this machine for its pods: listened on beside `listen`, at the same port, and what pods are
   * told unless `advertiseAddress` says otherwise.
   */
  readonly nodeAddress?: string;
  /** Where pods and other servers reach this one; by what it listens on when absent. */
  readonly advertiseAddress?: string;
  readonly serviceClusterIpRange: string;
  /** Who authorizes requests; absent: Node, then RBAC. */
  readonly authorization?: AuthorizationChoice;
  /** The server's own key, and what a kube-apiserver does without flags, when absent. */
  readonly serviceAccounts?: ServiceAccountOptions;
  /** Ways of proving who one is, beside those that every cluster has. */
  readonly authentication?: AuthenticationFlags;
  /** How nodes are reached, beside what every cluster has for that. */
  readonly kubelets?: KubeletFlags;
  /** How objects lie on the disk; as they are when absent. */
  readonly encryption?: EncryptionFlags;
  /** As whom the servers behind APIServices are asked, beside what a cluster has for that. */
  readonly proxyClient?: ProxyClientFlags;
  /** What of the API is off; nothing when absent. */
  readonly switches?: ApiSwitches;
  /** What admission plugins are told. */
  readonly admissionFile?: string;
  /** How many requests run at once; as with a kube-apiserver without flags when absent. */
  readonly requestBounds?: RequestBounds;
  /** As with a kube-apiserver without flags when absent. */
  readonly times?: ServerTimes;
  /** How long requests are still answered after somebody wants an end, while `/readyz` fails; 0 when absent. */
  readonly shutdownDelayMs?: number;
  /** What is told of requests, and to whom; nothing when absent. */
  readonly audit?: AuditChoice;
}

export interface ServedApiParts {
  /** The caller's to close, after this server. */
  readonly store: Store;
  /** With what it was opened. */
  readonly encryption?: EncryptionAtRest;
  readonly certificate: CertifiedKey;
  /** In PEM: of a cluster that certifies clients itself. */
  readonly authorityCertificate?: string;
  /** As whom nodes are asked; as nobody when absent. */
  readonly kubelets?: KubeletAccess;
  /** Of a cluster that certifies front proxies itself, of which it is one. */
  readonly frontProxy?: OwnFrontProxy;
  /** What other components of this process answer. */
  readonly aggregatedApis?: readonly AggregatedApi[];
  /** Where the key lies that signs tokens when no flag names one. */
  readonly ownKeyFile: string;
  readonly components?: NonNullable<ApiServerOptions['components']>;
  readonly ownRoles?: NonNullable<ApiServerOptions['ownRoles']>;
}

/** An API server that answers on a port. */
export interface ServedApi extends AsyncDisposable {
  readonly apiServer: ApiServer;
  readonly listener: Listener;
  readonly keyFiles: ServiceAccountKeyFiles;
  /** Says by `/readyz` that the end is near, and goes on for as long as it has been told to. */
  announceEnd(): Promise<void>;
  /** Lets requests finish; watches end at once. */
  stop(options: { readonly graceMs: number }): Promise<void>;
}

/**
 * Serves the Kubernetes API over a store on a port. Resolves when it answers `/readyz` with ok.
 *
 * Errors: `CommandError` for files that flags name, `ListenError`.
 */
export async function serveApi(
  host: Host,
  options: ServedApiOptions,
  parts: ServedApiParts,
): Promise<ServedApi> {
  await using started = new DisposalStack();
  const openPodPort = podPortStreams(host, () => apiServer);
  const admissionConfigurations = await readAdmissionFile(host, {
    ...(options.admissionFile === undefined ? {} : { path: options.admissionFile }),
    enabled: options.switches?.enabledAdmissionPlugins ?? [],
  });
  const { dial, kubeletAddressTypes } = started.use(
    await openWaysOut(host, openPodPort, options, {
      ...(parts.kubelets && { kubelets: parts.kubelets }),
      ...(parts.frontProxy && { proxyClient: parts.frontProxy.client }),
    }),
  );
  const { issuers, audiences } = tokenNames(options.serviceAccounts ?? {});
  const { authorityCertificate } = parts;
  const authentication = started.use(
    await openAuthentication(host, options.authentication ?? {}, {
      ...(authorityCertificate === undefined ? {} : { authorityCertificate }),
      ...(parts.frontProxy && { frontProxy: parts.frontProxy }),
      dial: dial.webhook,
      ownIssuers: issuers,
      audiences,
    }),
  );
  const audit =
    options.audit === undefined
      ? undefined
      : started.use(await (await import('./open-audit.ts')).openAudit(host, options.audit));
  // The port is bound first, because the API tells it to its clients.
  let answers: Pick<ApiServer, 'handler' | 'upgrade'> = notReadyYet;
  const served = {
    certificate: parts.certificate,
    authentication,
    handler: (request: HttpRequest) => answers.handler(request),
    upgradeHandler: (request: HttpRequest) => answers.upgrade(request),
  };
  const listener = started.use(await openListener(host, options.listen, served));
  const place = placeForPods(options, listener);
  const podListener =
    place === undefined ? undefined : started.use(await openListener(host, place, served));
  const keyFiles = started.use(
    await ServiceAccountKeyFiles.open({
      ...host,
      keyFiles: [],
      ...options.serviceAccounts,
      ownFile: parts.ownKeyFile,
    }),
  );
  const { authorization: choice } = options;
  const authorization =
    choice === undefined ? undefined : started.use(await ClusterAuthorization.open(host, choice));
  const unreadable = parts.encryption?.unreadableCount ?? 0;
  if (unreadable > 0) {
    host.logger.error('objects in the store cannot be read: see --encryption-provider-config', {
      count: unreadable,
    });
  }
  const apiServer: ApiServer = started.use(
    await createApiServer({
      ...host,
      ...options.switches,
      admissionConfigurations,
      ...options.times,
      ...(options.requestBounds && { requestBounds: options.requestBounds }),
      store: parts.store,
      ...(parts.encryption === undefined ? {} : { encryption: parts.encryption }),
      serviceAccountTokens: { ...options.serviceAccounts, keys: () => keyFiles.keys },
      ...(authorityCertificate === undefined ? {} : { authorityCertificate }),
      authentication: authentication.options,
      advertised: advertisedPlace(host, options, listener),
      serviceClusterIpRange: options.serviceClusterIpRange,
      platform: platformOf(host.environment),
      ...(authorization === undefined ? {} : { authorization: authorization.choices }),
      dial,
      ...(kubeletAddressTypes === undefined ? {} : { kubeletAddressTypes }),
      ...(audit && { audit: audit.options }),
      ...(host.processes.figures && { processFigures: host.processes.figures }),
      ...(parts.aggregatedApis && { aggregatedApis: parts.aggregatedApis }),
      ...(parts.components === undefined ? {} : { components: parts.components }),
      ...(parts.ownRoles && { ownRoles: parts.ownRoles }),
    }),
  );
  answers = apiServer;
  const running = started.move();
  const stop = async ({ graceMs }: { readonly graceMs: number }): Promise<void> => {
    try {
      answers = endingAnswers(apiServer);
      // Watches end with the API server, so that no connection waits for them.
      await apiServer.close();
      await Promise.all([listener.close({ graceMs }), podListener?.close({ graceMs })]);
    } finally {
      await running[Symbol.asyncDispose]();
    }
  };
  return {
    apiServer,
    listener,
    keyFiles,
    announceEnd: async () => {
      apiServer.announceEnd();
      const { shutdownDelayMs = 0 } = options;
      if (shutdownDelayMs > 0) await sleep(host.clock, shutdownDelayMs);
    },
    stop,
    [Symbol.asyncDispose]: () => stop({ graceMs: 0 }),
  };
}

function openListener(
  { logger, clock }: Host,
  place: ServedApiOptions['listen'],
  {
    certificate,
    authentication,
    ...answers
  }: {
    readonly certificate: CertifiedKey;
    readonly authentication: Authentication;
    readonly handler: Handler;
    readonly upgradeHandler: UpgradeHandler;
  },
): Promise<Listener> {
  const { handshakeAuthorities } = authentication;
  return listen({
    ...place,
    ...answers,
    tls: {
      ...certificate,
      ...(handshakeAuthorities === undefined
        ? {}
        : { clientCertificateAuthorities: handshakeAuthorities }),
    },
    logger,
    clock,
  });
}

/** Undefined where the first listener has that address already. */
function placeForPods(
  { listen: { host }, nodeAddress }: ServedApiOptions,
  listener: Listener,
): ServedApiOptions['listen'] | undefined {
  const hasAll = host === '0.0.0.0' || host === '::' || host === nodeAddress;
  if (nodeAddress === undefined || hasAll) return undefined;
  return { host: nodeAddress, port: boundPlace(listener).port };
}

function advertisedPlace(
  { environment }: Host,
  { nodeAddress, advertiseAddress = nodeAddress }: ServedApiOptions,
  listener: Listener,
): ServedApiOptions['listen'] {
  const { host, port } = boundPlace(listener);
  return { host: advertiseAddress ?? advertisedAddress(environment, host), port };
}

/** By the address that the listener is bound to: what was asked for may be a name. */
function boundPlace({ address }: Listener): ServedApiOptions['listen'] {
  if ('path' in address) throw new Error('a cluster listens on a port');
  return address;
}

/** Whoever comes now is told to come again, to a server that stays. */
function endingAnswers({ handler }: ApiServer): Pick<ApiServer, 'handler' | 'upgrade'> {
  const refuse = (): never => {
    const message = 'The apiserver is shutting down, please try again later.';
    throw apiError('TooManyRequests', message, { retryAfterSeconds: 5 });
  };
  return {
    handler: async (request) => (isHealthPath(request.path) ? handler(request) : refuse()),
    upgrade: async () => refuse(),
  };
}

const starting = async (): Promise<never> => {
  throw apiError('ServiceUnavailable', 'the API server is starting', { retryAfterSeconds: 1 });
};

const notReadyYet = { handler: starting, upgrade: starting };
