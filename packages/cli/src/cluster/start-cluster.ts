import {
  type ApiServer,
  type GivenAddresses,
  firstServiceAddress,
  parseAddressRange,
  readGivenAddresses,
  stampResourceVersion,
} from '@fairway/apiserver';
import { type EnsuredCertificates, ensureCertificates } from '@fairway/certificates';
import { DisposalStack, type Host, messageOf } from '@fairway/host';
import type { NetworkRange } from '@fairway/kind-rules/nodes';
import type { EncryptionAtRest } from '@fairway/apiserver/encryption';
import { openEncryption } from '../cluster-access/open-encryption.ts';
import { type Store, createMemoryStore, openSqliteStore } from '@fairway/store';
import { type ComponentOptions, clusterComponents } from './cluster-components.ts';
import {
  type LocalNodeOutcome,
  localNodeName,
  prepareLocalNode,
} from '../local-node/local-node.ts';
import type { LocalNodeOptions } from '../local-node/local-node-options.ts';
import { podNetworksDefault } from './pod-networks.ts';
import { addToKubeconfig, checkKubeconfig, removeFromKubeconfig } from './admin-kubeconfig.ts';
import type { AdminAccess, KubeconfigPlace } from './kubeconfig-place.ts';
import { clusterMetrics } from './cluster-metrics.ts';
import { ensureFrontProxy } from './front-proxy.ts';
import { kubeletClientUser, ownRoles } from './own-roles.ts';
import { type ServedApi, type ServedApiOptions, serveApi } from './serve-api.ts';
import type { KubeletAccess } from './ways-out.ts';
import { publishCluster } from './publish-cluster.ts';
import { localUrl, remoteUrls, serverNames } from './server-names.ts';
import {
  type ServingCertificate,
  readServingCertificate,
} from '../server-flags/serving-certificate.ts';
import type { ServingFiles } from '../server-flags/serving-flags.ts';

export interface ClusterOptions extends ServedApiOptions, ComponentOptions {
  /** Holds the store, the certificates and the kubeconfig. Absolute. */
  readonly dataDirectory: string;
  /** Keeps objects in memory only; certificates and kubeconfig are still written. */
  readonly isInMemory: boolean;
  /** Names and addresses under which clients reach the server from outside. */
  readonly extraNames: readonly string[];
  /** The server's certificate; one of the cluster's own authority when absent. */
  readonly servingFiles?: ServingFiles;
  /** To this file the admin's entries are added once the cluster is ready. */
  readonly kubeconfig: string;
  /** A node on this machine; none when absent. */
  readonly node?: LocalNodeOptions;
}

/** Of the files of a certificate, as kubeadm names them. */
const kubeletClientName = 'apiserver-kubelet-client';

/** A cluster that runs in this process. */
export interface Cluster extends AsyncDisposable {
  /** For users of this machine. */
  readonly url: string;
  readonly kubeconfig: string;
  readonly apiServer: ApiServer;
  /** What becomes of pods on this machine, in words; absent where nobody asked for that. */
  readonly pods?: string;
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
  const { atRest } = started.use(await openEncryption(host, options.encryption ?? {}));
  const store = await openStore(host, options, atRest);
  started.defer(() => store.close());
  const given = await readGivenAddresses(store, localNodeName(host, options.node));
  const local = await prepareNode(host, options, given);
  const node = local?.kind === 'node' ? started.use(local.node) : undefined;
  const nodeAddress = node?.apiAddress;
  const place = nodeAddress === undefined ? options : { ...options, nodeAddress };
  const certificates = await ensureClusterCertificates(host, place, given);
  const serving = await servingCertificate(host, options, certificates);
  const components = clusterComponents(host, options);
  const api: ServedApi = started.use(
    await serveApi(host, place, {
      aggregatedApis: [clusterMetrics(host, () => api.apiServer)],
      store,
      encryption: atRest,
      certificate: serving.certificate,
      authorityCertificate: certificates.authority.certificate,
      kubelets: kubeletTrust(certificates),
      frontProxy: await ensureFrontProxy(host, options.dataDirectory),
      ownKeyFile: `${options.dataDirectory}/pki/service-account.key`,
      components: components.states,
      ownRoles,
    }),
  );
  const { apiServer, keyFiles } = api;
  const url = localUrl(api.listener.url);
  const [remoteUrl = url] = remoteUrls(host.environment, options, url);
  await publishCluster(host, apiServer, {
    url: remoteUrl,
    authorities: [serving.trusted, certificates.authority.certificate],
    podSubnet: podNetworksOf(options).cidr,
    serviceSubnet: options.serviceClusterIpRange,
  });
  await addToKubeconfig(host, kubeconfigPlace(options), adminAccess(url, certificates, serving));
  started.defer(() => leaveKubeconfig(host, options));
  const stopping = new AbortController();
  const componentsEnded = components.run(
    {
      apiServer,
      certificates,
      rootCertificates: serving.trusted,
      keyFiles,
      url,
      node,
    },
    stopping.signal,
  );
  const running = started.move();
  const stop = async ({ graceMs }: { readonly graceMs: number }): Promise<void> => {
    if (graceMs > 0) await api.announceEnd();
    stopping.abort();
    try {
      await componentsEnded;
      await api.stop({ graceMs });
    } finally {
      // The store is closed and the kubeconfig given back, whatever failed before.
      await running[Symbol.asyncDispose]();
    }
  };
  return {
    url,
    kubeconfig: options.kubeconfig,
    apiServer,
    ...(local === undefined ? {} : { pods: fateOfPods(local) }),
    stop,
    [Symbol.asyncDispose]: () => stop({ graceMs: 0 }),
  };
}

function fateOfPods(local: LocalNodeOutcome): string {
  return local.kind === 'node' ? `run in ${local.node.runtime}` : `do not run: ${local.why}`;
}

async function prepareNode(
  host: Host,
  options: ClusterOptions,
  given: GivenAddresses,
): Promise<LocalNodeOutcome | undefined> {
  const { node, dataDirectory } = options;
  if (node === undefined) return undefined;
  const podNetworks = podNetworksOf(options);
  const serviceCidr = options.serviceClusterIpRange;
  return prepareLocalNode(host, node, {
    dataDirectory,
    podCidr: podNetworks.cidr,
    nodePodCidr: podNetworks.cidrOf(0),
    serviceCidr,
    isOwn: true,
    ...given,
  });
}

function podNetworksOf({ podNetworks = podNetworksDefault() }: ClusterOptions): NetworkRange {
  return podNetworks;
}

async function servingCertificate(
  host: Host,
  { servingFiles }: ClusterOptions,
  { authority, server }: EnsuredCertificates,
): Promise<ServingCertificate> {
  const own = { certificate: server, trusted: authority.certificate };
  return servingFiles === undefined
    ? own
    : readServingCertificate(host, servingFiles, async () => own);
}

/** Nodes are known by the authority of the cluster, and best reached by their addresses. */
function kubeletTrust({ authority, clients }: EnsuredCertificates): KubeletAccess {
  const client = clients[kubeletClientName];
  return {
    certificateAuthority: authority.certificate,
    addressTypes: ['InternalIP', 'ExternalIP', 'Hostname'],
    ...(client && { client }),
  };
}

function kubeconfigPlace({ kubeconfig, dataDirectory }: ClusterOptions): KubeconfigPlace {
  return { path: kubeconfig, dataDirectory };
}

function adminAccess(
  url: string,
  { clients }: EnsuredCertificates,
  { trusted }: ServingCertificate,
): AdminAccess {
  const admin = clients['admin'];
  if (admin === undefined) throw new Error('the certificates of the cluster have no admin');
  const { certificate, key } = admin;
  return { url, authority: trusted, certificate, key };
}

// A file that cannot be changed any more must not keep the cluster from stopping.
async function leaveKubeconfig(host: Host, options: ClusterOptions): Promise<void> {
  try {
    await removeFromKubeconfig(host, kubeconfigPlace(options));
  } catch (error) {
    const reason = messageOf(error);
    host.logger.warn('the entries of this cluster stay in the kubeconfig', { reason });
  }
}

function openStore(host: Host, options: ClusterOptions, seal: EncryptionAtRest): Promise<Store> {
  const shared = { stamp: stampResourceVersion, clock: host.clock };
  return options.isInMemory
    ? Promise.resolve(createMemoryStore(shared))
    : openSqliteStore({ ...shared, seal, directory: `${options.dataDirectory}/store` });
}

function ensureClusterCertificates(
  host: Host,
  options: ClusterOptions,
  { serviceAddress = firstServiceAddress(options.serviceClusterIpRange) }: GivenAddresses,
): Promise<EnsuredCertificates> {
  return ensureCertificates({
    ...host,
    directory: `${options.dataDirectory}/pki`,
    authorityName: 'fairway-ca',
    serverNames: serverNames(host.environment, { ...options, serviceAddress }),
    clients: {
      admin: { commonName: 'fairway-admin', organizations: ['system:masters'] },
      [kubeletClientName]: { commonName: kubeletClientUser, organizations: [] },
    },
  });
}
