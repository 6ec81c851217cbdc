import { loadKubeconfig } from '@fairway/client/kubeconfig';
import type { Files } from '@fairway/host';
import { base64 } from '../cluster/kubeconfig-place.ts';

/** The cluster that a machine has joined. */
export interface JoinedCluster {
  readonly server: string;
  /** In PEM. */
  readonly authorities: string;
}

/** What a node keeps in its data directory of the cluster that it has joined. */
export function nodeFiles(dataDirectory: string): {
  /** Of the node; a kubectl may use it. */
  readonly kubeconfig: string;
  readonly keys: string;
  readonly clientCertificate: string;
  readonly servingCertificate: string;
  readonly lock: string;
} {
  const keys = `${dataDirectory}/pki`;
  return {
    kubeconfig: `${dataDirectory}/kubeconfig`,
    keys,
    clientCertificate: `${keys}/kubelet-client.pem`,
    servingCertificate: `${keys}/kubelet-serving.pem`,
    lock: `${dataDirectory}/node.lock`,
  };
}

/** Undefined where the machine has joined none. Errors: `KubeconfigError`. */
export async function readJoinedCluster(
  files: Files,
  dataDirectory: string,
): Promise<JoinedCluster | undefined> {
  const { kubeconfig } = nodeFiles(dataDirectory);
  const { clusters } = await loadKubeconfig(files, { files: [kubeconfig], source: 'home' });
  const { server, 'certificate-authority-data': data } = clusters.get(entryName)?.value ?? {};
  if (server === undefined || data === undefined) return undefined;
  return { server, authorities: Buffer.from(data, 'base64').toString() };
}

export async function writeJoinedCluster(
  files: Files,
  dataDirectory: string,
  { server, authorities }: JoinedCluster,
): Promise<void> {
  const { kubeconfig, clientCertificate } = nodeFiles(dataDirectory);
  // JSON is YAML, whatever the path has in it.
  const path = JSON.stringify(clientCertificate);
  const text = `apiVersion: v1
kind: Config
clusters:
- name: ${entryName}
  cluster:
    server: ${server}
    certificate-authority-data: ${base64(authorities)}
users:
- name: ${entryName}
  user:
    client-certificate: ${path}
    client-key: ${path}
contexts:
- name: ${entryName}
  context: { cluster: ${entryName}, user: ${entryName} }
current-context: ${entryName}
`;
  await files.write(kubeconfig, Buffer.from(text), { mode: 0o600 });
}

const entryName = 'fairway-node';
