import type { ConnectedClient } from '@fairway/client/connect';
import {
  type CertifiedKey,
  issueCertificate,
  makeCertificateAuthority,
} from '@fairway/certificates';
import type { Host } from '@fairway/host';
import { ConfigMap, Node } from '@fairway/kinds/core/v1';
import {
  type AgentServing,
  JoinError,
  KeptCertificate,
  addressTowards,
  servingCertificateOf,
} from '@fairway/node-agent';
import { createInformers } from '@fairway/reconcile';
import type { ServerTls } from '@fairway/serving';
import {
  clusterConfigurationPlace,
  readClusterConfiguration,
} from '../local-node/cluster-configuration.ts';
import { prepareLocalNode } from '../local-node/local-node.ts';
import type { LocalNodeOptions } from '../local-node/local-node-options.ts';
import type { LocalNodePlace } from '../local-node/local-node-place.ts';
import { CommandError } from '../command-error.ts';
import type { Joined } from './join-cluster.ts';
import { nodeFiles } from './joined-cluster.ts';
import { openNodeConnection } from './node-connection.ts';
import { untilReached } from './until-reached.ts';

export interface JoinedNodeOptions {
  readonly dataDirectory: string;
  readonly nodeName: string;
  readonly node: LocalNodeOptions;
  /** Of the API of the agent. */
  readonly port: number;
  /** Told once it is known what runs pods. */
  readonly sayReady: (pods: string) => Promise<void>;
}

/**
 * Is a node of the cluster until the signal aborts; what runs then is ended. Its certificates are renewed meanwhile.
 *
 * Errors: `CommandError` where this machine cannot run pods; what the API answers at the start.
 */
export async function runJoinedNode(
  host: Host,
  joined: Joined,
  options: JoinedNodeOptions,
  signal: AbortSignal,
): Promise<void> {
  const { server, certificate } = joined;
  const { held } = certificate;
  if (held === undefined) throw new Error('a node that has joined has a certificate');
  await using connection = await openNodeConnection(host, joined, held);
  const { client } = connection;
  const place = await untilReached(host, () => placeOf(client, options, signal), signal);
  const address = options.node.address ?? (await ownAddress(server));
  const wanted = { ...options.node, address, name: options.nodeName };
  const local = await prepareLocalNode(host, wanted, place);
  if (local.kind === 'none') throw new CommandError(`this machine cannot run pods: ${local.why}`);
  await using node = local.node;
  await options.sayReady(node.runtime);
  const { logger } = host;
  const informers = Promise.resolve(createInformers({ client, signal, logger }));
  const cluster = {
    apiServer: { handlerFor: () => client.transport },
    informers,
    url: server,
    isOwn: false,
    serving: () => servingOf(host, joined, { ...options, address, client }),
  };
  await Promise.all([
    certificate.keep(client, (renewed) => connection.renew(renewed), signal),
    node.run(cluster, signal),
  ]);
}

async function ownAddress(server: string): Promise<string> {
  const address = await addressTowards(server);
  if (address !== undefined) return address;
  throw new CommandError(`no IPv4 address of this machine leads to ${server}: say --node-ip`);
}

/** What the cluster says of its networks, and of that of this node where it has been one before. */
async function placeOf(
  client: ConnectedClient,
  { dataDirectory, nodeName }: JoinedNodeOptions,
  signal: AbortSignal,
): Promise<LocalNodePlace> {
  const { namespace, name } = clusterConfigurationPlace;
  const [map, node] = await Promise.all([
    client.find(ConfigMap, name, { namespace, signal }),
    client.find(Node, nodeName, { signal }),
  ]);
  const configuration = map && (await readClusterConfiguration(map));
  if (configuration === undefined) {
    const why = `its config map ${namespace}/${name} names no networks`;
    throw new JoinError(
      `the cluster does not say which addresses its pods and services have: ${why}`,
    );
  }
  const nodePodCidr = node?.spec?.podCIDR;
  return {
    dataDirectory,
    podCidr: configuration.podSubnet,
    serviceCidr: configuration.serviceSubnet,
    isOwn: false,
    ...(nodePodCidr === undefined ? {} : { nodePodCidr }),
  };
}

/** Known by a certificate of the cluster, and by one that nobody trusts until there is such a one. */
async function servingOf(
  host: Host,
  { authorities }: Joined,
  node: Pick<JoinedNodeOptions, 'dataDirectory' | 'nodeName' | 'port'> & {
    readonly address: string;
    readonly client: ConnectedClient;
  },
): Promise<AgentServing> {
  const { dataDirectory, nodeName, port, address, client } = node;
  const certificate = await KeptCertificate.open({
    ...host,
    path: nodeFiles(dataDirectory).servingCertificate,
    wish: servingCertificateOf(nodeName, [address]),
  });
  const provisional = certificate.held ?? (await selfSigned(host, address));
  const tlsWith = (pair: CertifiedKey): ServerTls => ({
    ...pair,
    clientCertificateAuthorities: authorities,
  });
  return {
    port,
    tls: () => tlsWith(certificate.held ?? provisional),
    keep: (use, signal) => certificate.keep(client, (renewed) => use(tlsWith(renewed)), signal),
  };
}

async function selfSigned({ clock, random }: Host, address: string): Promise<CertifiedKey> {
  const subject = { commonName: address, organizations: [] };
  const options = { clock, random, subject };
  const use = { kind: 'server', names: [address] } as const;
  return issueCertificate(await makeCertificateAuthority(options), use, options);
}
