import { createHash } from 'node:crypto';
import type { ApiServer } from '@fairway/apiserver';
import { type EnsuredCertificates, issueCertificate } from '@fairway/certificates';
import {
  type BackgroundProcesses,
  DisposalStack,
  type Host,
  type MachineFiles,
} from '@fairway/host';
import type { NetworkRange } from '@fairway/kind-rules/nodes';
import type { NodeRuntime } from '@fairway/node-agent';
import type { Informers } from '@fairway/reconcile';
import { networkClash } from './network-clash.ts';
import { startNetwork } from './start-network.ts';
import { CommandError } from '../command-error.ts';
import { quotedPath } from '../quoted-path.ts';

/** A node on the machine of the cluster, as its user wants it. */
export interface LocalNodeOptions {
  /** `auto` does without where the machine cannot run containers. */
  readonly runtime: 'auto' | 'containerd';
  /** That of the machine when absent. */
  readonly name?: string;
  /** Where pods and the API server reach it; one that only this machine has when absent. */
  readonly address?: string;
  readonly background: BackgroundProcesses;
  readonly machineFiles: MachineFiles;
}

/** What there is before the API server: an address, and what can run containers. */
export interface LocalNode extends AsyncDisposable {
  readonly address: string;
  /** In words: `containerd 1.6.20`. */
  readonly runtime: string;
  /** Is a node of the cluster until the signal aborts; what runs then is ended. */
  run(cluster: ServedCluster, signal: AbortSignal): Promise<void>;
}

export type LocalNodeOutcome =
  | { readonly kind: 'node'; readonly node: LocalNode }
  | { readonly kind: 'none'; readonly why: string };

export interface ServedCluster {
  readonly apiServer: Pick<ApiServer, 'handlerFor'>;
  readonly certificates: EnsuredCertificates;
  /** Shared with others of this process. */
  readonly informers: Promise<Informers>;
}

export interface LocalNodePlace {
  readonly dataDirectory: string;
  readonly podNetworks: NetworkRange;
  readonly serviceCidr: string;
}

/**
 * Looks whether this machine can run containers, and takes hold of what its node needs.
 *
 * Errors: `CommandError` where it cannot and `auto` was not said.
 */
export async function prepareLocalNode(
  host: Host,
  options: LocalNodeOptions,
  place: LocalNodePlace,
): Promise<LocalNodeOutcome> {
  const { containerHost, lackedCapabilities, holdLocalAddress } =
    await import('@fairway/node-agent');
  const facts = await containerHost(host);
  const lacks = lackedCapabilities(facts);
  if (lacks !== undefined) return without(options, lacks);
  await using held = new DisposalStack();
  const network = place.podNetworks.cidrOf(0);
  const address = options.address ?? firstAddress(network);
  const clash = networkClash(host.environment.addresses, {
    podCidr: place.podNetworks.cidr,
    serviceCidr: place.serviceCidr,
    nodeAddress: address,
  });
  if (clash !== undefined) return without(options, clash);
  const lock = await lockNetwork(host, network);
  if (lock === undefined) {
    const remedy = 'give this one others with --cluster-cidr and --service-cluster-ip-range';
    return without(
      options,
      `another cluster of this machine has its pods in ${network}: ${remedy}`,
    );
  }
  held.use(lock);
  if (options.address === undefined) held.use(await holdLocalAddress(host, address));
  const running = held.move();
  const node: LocalNode = {
    address,
    runtime: `containerd ${facts.containerdVersion ?? ''}`,
    async run({ apiServer, certificates, informers }, signal) {
      const { runNodeAgent } = await import('@fairway/node-agent');
      const { clock, random, logger, files, environment } = host;
      const name = options.name ?? environment.hostName.toLowerCase();
      const directory = `${place.dataDirectory}/node`;
      const certificate = await issueCertificate(
        certificates.authority,
        { kind: 'server', names: [name, address] },
        {
          subject: { commonName: `system:node:${name}`, organizations: ['system:nodes'] },
          clock,
          random,
          validityMs,
        },
      );
      const tableName = `fairway-${markOf(place)}`;
      const agent = runNodeAgent(
        {
          handlerFor: apiServer.handlerFor,
          clock,
          random,
          logger,
          files,
          environment,
          machineFiles: options.machineFiles,
          name,
          address,
          rootDirectory: directory,
          logDirectory: `${directory}/logs`,
          endsPods: true,
          cgroupRoot: `/fairway-${markOf(place)}`,
          clusterDns: [],
          clusterDomain: 'cluster.local',
          imageRemedy: imageRemedy(place),
          openRuntime: (podCidrs) => openRuntime(podCidrs),
          serving: {
            port: 0,
            tls: {
              ...certificate,
              clientCertificateAuthorities: certificates.authority.certificate,
            },
          },
        },
        signal,
      );
      const hasRules = facts.capabilities.some(
        ({ name: each, isThere }) => each === 'nft' && isThere,
      );
      if (!hasRules) {
        logger.warn('addresses of services lead nowhere: install the package nftables');
        return agent;
      }
      const services = startNetwork(
        host,
        {
          apiServer,
          informers,
          nodeName: name,
          tableName,
          clusterCidr: place.podNetworks.cidr,
          serviceCidr: place.serviceCidr,
        },
        signal,
      );
      await Promise.all([agent, services]);
    },
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
  return { kind: 'node', node };

  async function openRuntime(podCidrs: readonly string[]): Promise<NodeRuntime> {
    const {
      ImageFolder,
      criImages,
      criRuntime,
      openContainerd,
      provideHostImage,
      serveLoadedImages,
      withLoadedImages,
    } = await import('@fairway/node-agent');
    const { background } = options;
    const stateDirectory = `/run/fairway-${markOf(place)}`;
    await using opened = new DisposalStack();
    const containerd = await openContainerd({
      directory: `${place.dataDirectory}/node/containerd`,
      stateDirectory,
      facts,
      host: { ...host, background, machine: options.machineFiles },
    });
    opened.defer(async () => {
      await containerd.stop();
      await options.machineFiles.removeTree(stateDirectory);
    });
    await containerd.setNetwork(podCidrs);
    const runtime = opened.use(await criRuntime(containerd.client, host));
    const folder = new ImageFolder({ ...host, directory: imageDirectory(place.dataDirectory) });
    opened.use(await serveLoadedImages({ ...host, folder, folders: containerd.folders }));
    const mountsOf = await provideHostImage(folder, host);
    const images = withLoadedImages(criImages(containerd.client), folder);
    const all = opened.move();
    return { runtime, images, mountsOf, [Symbol.asyncDispose]: () => all[Symbol.asyncDispose]() };
  }
}

/** Where `fairway image load` puts what a cluster's pods run. */
export function imageDirectory(dataDirectory: string): string {
  return `${dataDirectory}/images`;
}

function imageRemedy({ dataDirectory }: LocalNodePlace): string {
  const load = `fairway image load FILE --data-dir ${quotedPath(dataDirectory)}`;
  return `where no registry has it, load it: ${load}, or take \`host\`, the programs of this machine`;
}

const validityMs = 365 * 24 * 3_600_000;

function without({ runtime }: LocalNodeOptions, why: string): LocalNodeOutcome {
  if (runtime === 'auto') return { kind: 'none', why };
  throw new CommandError(`cannot use --node ${runtime}: ${why}`);
}

/** Two clusters with the same addresses for pods would take each other's packets. */
async function lockNetwork(
  { files }: Pick<Host, 'files'>,
  network: string,
): Promise<AsyncDisposable | undefined> {
  await files.makeDirectory('/run/fairway-networks', { mode: 0o755 });
  return files.lock(`/run/fairway-networks/${network.replace('/', '_')}`);
}

/** `10.244.0.1` of `10.244.0.0/24` */
function firstAddress(network: string): string {
  const [address = ''] = network.split('/');
  return address.replace(/\d+$/, (last) => String(Number(last) + 1));
}

/** Tells what a cluster has on this machine from what others have. */
function markOf({ dataDirectory }: LocalNodePlace): string {
  return createHash('sha256').update(dataDirectory).digest('hex').slice(0, 8);
}
