import type { Node, NodeAddress } from '@fairway/kinds/core/v1';
import { apiError, notFound } from '@fairway/protocol';
import type { KubeletEndpoint } from '../calls/dial.ts';
import type { ConnectParts } from './destination.ts';

/** Source: kube-apiserver, `--kubelet-preferred-address-types`. */
const usualTypes: readonly string[] = [
  'Hostname',
  'InternalDNS',
  'InternalIP',
  'ExternalDNS',
  'ExternalIP',
];
const portDefault = 10_250;

/**
 * Where the kubelet of a node listens, by what the node says of itself.
 *
 * Errors: NotFound for a node that is not there; 500 for one without an address, as in Kubernetes.
 */
export async function kubeletEndpoint(parts: ConnectParts, name: string): Promise<KubeletEndpoint> {
  return (await reachableNode(parts, name)).kubelet;
}

/** The same, and all addresses of the node, the preferred ones first. */
export async function reachableNode(
  { cluster, kubeletAddressTypes = usualTypes }: ConnectParts,
  name: string,
): Promise<{ readonly kubelet: KubeletEndpoint; readonly addresses: readonly string[] }> {
  const node = await cluster.find<Node>('', 'nodes', { name });
  if (node === undefined) throw notFound({ group: '', plural: 'nodes', name });
  const reported = node.status?.daemonEndpoints?.kubeletEndpoint?.Port ?? 0;
  const port = reported > 0 ? reported : portDefault;
  const containerRuntime = node.status?.nodeInfo?.containerRuntimeVersion ?? '';
  const addresses = kubeletAddressTypes.flatMap((type) => addressesOf(node, type));
  const [host] = addresses;
  if (host === undefined) throw noAddress(node);
  return { kubelet: { node: name, containerRuntime, scheme: 'https', host, port }, addresses };
}

function addressesOf({ metadata, status }: Node, wanted: string): readonly string[] {
  const found = (status?.addresses ?? []).filter(({ type }) => type === wanted);
  if (found.length > 0) return found.map(({ address }) => address);
  const label = metadata?.labels?.['kubernetes.io/hostname'] ?? '';
  return wanted === 'Hostname' && label !== '' ? [label] : [];
}

function noAddress({ status }: Node): Error {
  const addresses = status?.addresses ?? [];
  const known = addresses.map(({ type, address }: NodeAddress) => `{${type} ${address}}`).join(' ');
  const message = `no preferred addresses found; known addresses: [${known}]`;
  return apiError('InternalError', message, {});
}
