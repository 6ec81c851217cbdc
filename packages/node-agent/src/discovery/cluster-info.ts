import { certificatesIn } from '@fairway/certificates';
import { parseKubeconfig } from '@fairway/client/kubeconfig';
import { messageOf } from '@fairway/host';
import { JoinError } from './join-error.ts';

/** Which cluster it is, as it says itself. */
export interface ClusterInfo {
  readonly server: string;
  /** By which its API server is known, and those who may ask its nodes: each in PEM. */
  readonly authorities: readonly string[];
}

/** Reads the kubeconfig of `cluster-info`. Errors: `JoinError`. */
export async function parseClusterInfo(kubeconfig: string): Promise<ClusterInfo> {
  const { clusters } = await parseKubeconfig(kubeconfig, 'cluster-info');
  const [cluster, ...more] = [...clusters.values()].map(({ value }) => value);
  const data = cluster?.['certificate-authority-data'];
  if (cluster?.server === undefined || data === undefined || more.length > 0) {
    throw new JoinError('cluster-info does not name one server and its certificate authority');
  }
  try {
    const authorities = certificatesIn(Buffer.from(data, 'base64').toString());
    if (authorities.length === 0) throw new Error('it holds none');
    return { server: cluster.server, authorities };
  } catch (cause) {
    const why = messageOf(cause);
    throw new JoinError(`the certificate authority of cluster-info cannot be read: ${why}`, {
      cause,
    });
  }
}
