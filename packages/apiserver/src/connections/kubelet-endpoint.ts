import type { Node, NodeAddress } from '@fairway/kinds/core/v1';
import { apiError, notFound } from '@fairway/protocol';
import type { KubeletEndpoint } from '../calls/dial.ts';
import type { ClusterReader } from '../reads/cluster-reader.ts';

/** Source: kube-apiserver, `--kubelet-preferred-address-types`. */
const preferredTypes = ['Hostname', 'InternalDNS', 'InternalIP', 'ExternalDNS', 'ExternalIP'];
const portDefault = 10_250;

/**
 * Where the kubelet of a node listens, by what the node says of itself.
 *
 * Errors: NotFound for a node that is not there; 500 for one without an address, as in Kubernetes.
 */
export async function kubeletEndpoint(
  cluster: ClusterReader,
  name: string,
): Promise<KubeletEndpoint> {
  const node = await cluster.find<Node>('', 'nodes', { name });
  if (node === undefined) throw notFound({ group: '', plural: 'nodes', name });
  const reported = node.status?.daemonEndpoints?.kubeletEndpoint?.Port ?? 0;
  const port = reported > 0 ? reported : portDefault;
  return { node: name, scheme: 'https', host: hostOf(node), port };
}

function hostOf(node: Node): string {
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
