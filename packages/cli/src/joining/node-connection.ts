import type { CertifiedKey } from '@fairway/certificates';
import type { Credential } from '@fairway/client';
import { type ConnectedClient, connect } from '@fairway/client/connect';
import type { Host } from '@fairway/host';
import type { JoinedCluster } from './joined-cluster.ts';

/** A node's way to the API of its cluster. */
export interface NodeConnection extends AsyncDisposable {
  /** Acts as the node. */
  readonly client: ConnectedClient;
  /** Proves who the node is by another certificate from now on: requests under way go on, watches are taken up again. */
  renew(certificate: CertifiedKey): void;
}

export async function openNodeConnection(
  host: Host,
  { server, authorities }: JoinedCluster,
  certificate: CertifiedKey,
): Promise<NodeConnection> {
  let current: Credential = { clientCertificate: certificate };
  const client = await connect({
    host,
    server,
    certificateAuthority: authorities,
    credentials: { current: async () => current, invalidate() {} },
  });
  return {
    client,
    renew: (renewed) => void (current = { clientCertificate: renewed }),
    [Symbol.asyncDispose]: () => client.close(),
  };
}
