import type { ApiServer } from '@fairway/apiserver';
import { type Client, createClient, isNotFound } from '@fairway/client';
import type { Host } from '@fairway/host';
import { clusterInfoKey, clusterInfoPlace } from '@fairway/kind-rules/nodes';
import { ConfigMap } from '@fairway/kinds/core/v1';
import {
  clusterConfigurationMap,
  clusterDomain,
  type ClusterConfiguration,
} from '../local-node/cluster-configuration.ts';
import { base64 } from './kubeconfig-place.ts';
import { ownUser } from './own-roles.ts';

/** What a machine that joins has to know of a cluster. */
export interface PublishedCluster extends Omit<ClusterConfiguration, 'dnsDomain'> {
  /** Of the API server, for other machines. */
  readonly url: string;
  /** In PEM: by which the API server is known, and its clients. */
  readonly authorities: readonly string[];
}

/**
 * Tells whoever may join where the API is and by which authorities it is known (`cluster-info`, which anybody may read
 * and `bootstrap-signer-controller` signs), and its nodes what they have in common (`kubeadm-config`).
 *
 * Source: kubeadm, phases `bootstrap-token` and `upload-config`.
 */
export async function publishCluster(
  { clock, random }: Pick<Host, 'clock' | 'random'>,
  { handlerFor }: Pick<ApiServer, 'handlerFor'>,
  { url, authorities, podSubnet, serviceSubnet }: PublishedCluster,
): Promise<void> {
  const client = createClient({ transport: handlerFor(ownUser), clock, random });
  const kubeconfig = kubeconfigOf(url, [...new Set(authorities)].join(''));
  const info = { metadata: clusterInfoPlace, data: { [clusterInfoKey]: kubeconfig } };
  const networking = { podSubnet, serviceSubnet, dnsDomain: clusterDomain };
  await Promise.all([info, clusterConfigurationMap(networking)].map((map) => publish(client, map)));
}

interface PublishedMap {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly data: Readonly<Record<string, string>>;
}

/** What others have said in a map stays, such as signatures. */
async function publish(client: Client, map: PublishedMap): Promise<void> {
  if (await saysAlready(client, map)) return;
  await client.apply(ConfigMap, map, { fieldManager: 'fairway', force: true });
}

/** A later start of the same cluster has nothing new to say, and to apply is dear. */
async function saysAlready(client: Client, { metadata, data }: PublishedMap): Promise<boolean> {
  try {
    const stored = await client.get(ConfigMap, metadata.name, metadata);
    return Object.entries(data).every(([key, text]) => stored.data?.[key] === text);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return false;
  }
}

function kubeconfigOf(url: string, authorities: string): string {
  return `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${base64(authorities)}
    server: ${url}
  name: ""
contexts: null
current-context: ""
kind: Config
users: null
`;
}
