import type { ConfigMap } from '@fairway/kinds/core/v1';
import { isJsonObject } from '@fairway/protocol';

/** The config map in which a cluster tells its nodes what they have in common. Source: kubeadm. */
export const clusterConfigurationPlace = {
  namespace: 'kube-system',
  name: 'kubeadm-config',
} as const;

const key = 'ClusterConfiguration';

/** In which names of services and pods end. */
export const clusterDomain = 'cluster.local';

/** What all nodes of a cluster have in common. */
export interface ClusterConfiguration {
  /** Of all pods of the cluster, and of its services. */
  readonly podSubnet: string;
  readonly serviceSubnet: string;
  readonly dnsDomain: string;
}

/** Source: kubeadm.k8s.io/v1beta4 ClusterConfiguration, `networking`. */
export function clusterConfigurationMap({
  podSubnet,
  serviceSubnet,
  dnsDomain,
}: ClusterConfiguration): {
  readonly metadata: typeof clusterConfigurationPlace;
  readonly data: Readonly<Record<string, string>>;
} {
  const text = `apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
networking:
  dnsDomain: ${dnsDomain}
  podSubnet: ${podSubnet}
  serviceSubnet: ${serviceSubnet}
`;
  return { metadata: clusterConfigurationPlace, data: { [key]: text } };
}

/** Reads what such a config map says; undefined where a part of it is missing. */
export async function readClusterConfiguration({
  data,
}: Pick<ConfigMap, 'data'>): Promise<ClusterConfiguration | undefined> {
  const { parse } = await import('yaml');
  const document: unknown = parse(data?.[key] ?? '');
  const networking = isJsonObject(document) ? document['networking'] : undefined;
  if (!isJsonObject(networking)) return undefined;
  const { podSubnet, serviceSubnet, dnsDomain } = networking;
  if (typeof podSubnet !== 'string' || typeof serviceSubnet !== 'string') return undefined;
  return {
    podSubnet,
    serviceSubnet,
    dnsDomain: typeof dnsDomain === 'string' ? dnsDomain : clusterDomain,
  };
}
