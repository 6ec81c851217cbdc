import type { ApiServer } from '@fairway/apiserver';
import { createClient } from '@fairway/client';
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
  // What others have said of them stays, such as signatures.
  const options = { fieldManager: 'fairway', force: true };
  await Promise.all(
    [info, clusterConfigurationMap(networking)].map((map) => client.apply(ConfigMap, map, options)),
  );
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
