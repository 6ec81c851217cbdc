import type { Files } from '@fairway/host';
import type { EnsuredCertificates } from '@fairway/serving';
import { stringify } from 'yaml';

/** Writes what `kubectl` needs to be the cluster's administrator, for its owner's eyes only. */
export async function writeAdminKubeconfig(
  files: Files,
  cluster: {
    readonly path: string;
    readonly url: string;
    readonly certificates: EnsuredCertificates;
  },
): Promise<void> {
  const { authority, clients } = cluster.certificates;
  const admin = clients['admin'];
  if (admin === undefined) throw new Error('the certificates of the cluster have no admin');
  const name = 'fairway';
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name,
        cluster: {
          server: cluster.url,
          'certificate-authority-data': base64(authority.certificate),
        },
      },
    ],
    users: [
      {
        name,
        user: {
          'client-certificate-data': base64(admin.certificate),
          'client-key-data': base64(admin.key.reveal()),
        },
      },
    ],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  };
  await files.write(cluster.path, Buffer.from(stringify(config, { lineWidth: 0 })), {
    mode: 0o600,
  });
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
