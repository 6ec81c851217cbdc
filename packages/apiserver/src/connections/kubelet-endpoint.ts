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
export async function kubeletEndpoint(
  { cluster, kubeletAddressTypes = usualTypes }: ConnectParts,
  name: string,
): Promise<KubeletEndpoint> {
  const node = await cluster.find<Node>('', 'nodes', { name });
  if (node === undefined) throw notFound({ group: '', plural: 'nodes', name });
  const reported = node.status?.daemonEndpoints?.kubeletEndpoint?.Port ?? 0;
  const port = reported > 0 ? reported : portDefault;
  const containerRuntime = node.status?.nodeInfo?.containerRuntimeVersion ?? '';
  const host = hostOf(node, kubeletAddressTypes);
  return { node: name, containerRuntime, scheme: 'https', host, port };
}

function hostOf(node: Node, preferredTypes: readonly string[]): string {
  const addresses = node.status?.addresses ?? [];
  for (const type of preferredTypes) {
    const found = addresses.find((address) => address.type === type);
    if (found !== undefined) return found.address;
    const label = node.metadata?.labels?.['kubernetes.io/hostname'] ?? '';
    if (type === 'Hostname' && label !== '') return label;
  }
  const known = addresses.map(({ type, address }: NodeAddress) => `{${type} ${address}}`).join(' ');
  const message = `no preferred addresses found; known addresses: [${known}]`;
  throw apiError('InternalError', message, {});
}
