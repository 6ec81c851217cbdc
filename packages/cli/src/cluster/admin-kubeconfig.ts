import type { Files } from '@fairway/host';
import type { CertifiedKey, EnsuredCertificates } from '@fairway/serving';

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
  await files.write(cluster.path, Buffer.from(kubeconfigText(cluster.url, authority, admin)), {
    mode: 0o600,
  });
}

/** As kubectl would write it. A URL and base64 need no quotes in YAML. */
function kubeconfigText(
  url: string,
  authority: { readonly certificate: string },
  admin: CertifiedKey,
): string {
  return `apiVersion: v1
kind: Config
clusters:
  - name: fairway
    cluster:
      server: ${url}
      certificate-authority-data: ${base64(authority.certificate)}
users:
  - name: fairway
    user:
      client-certificate-data: ${base64(admin.certificate)}
      client-key-data: ${base64(admin.key.reveal())}
contexts:
  - name: fairway
    context:
      cluster: fairway
      user: fairway
current-context: fairway
`;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
