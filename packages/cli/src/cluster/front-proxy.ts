import { ensureClientCertificates } from '@fairway/certificates';
import type { Host } from '@fairway/host';
import type { OwnFrontProxy } from '../cluster-access/open-authentication.ts';

/** As kubeadm names it, and its files. */
const name = 'front-proxy-client';

/**
 * The front proxy that the API server of a cluster is to the servers behind it. It has an authority of its own:
 * what that certifies is believed whatever it says of its callers.
 *
 * Errors: `CertificateError`.
 */
export async function ensureFrontProxy(
  host: Pick<Host, 'files' | 'clock' | 'random'>,
  dataDirectory: string,
): Promise<OwnFrontProxy> {
  const { authority, clients } = await ensureClientCertificates({
    files: host.files,
    clock: host.clock,
    random: host.random,
    directory: `${dataDirectory}/pki`,
    authorityFile: 'front-proxy-ca',
    authorityName: 'front-proxy-ca',
    clients: { [name]: { commonName: name, organizations: [] } },
  });
  const client = clients[name];
  if (client === undefined) throw new Error('the certificates of the cluster have no front proxy');
  return { authorityCertificate: authority.certificate, name, client };
}
