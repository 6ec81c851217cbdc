import {
  type CertifiedKey,
  issueCertificate,
  makeCertificateAuthority,
} from '@fairway/certificates';
import { type Clock, type Files, type Random, Secret } from '@fairway/host';

/** What a webhook shows, and by what the API is to know it. */
export interface WebhookCertificate extends CertifiedKey {
  /** In PEM, for `caBundle`. Absent: the API knows already. */
  readonly authority?: string;
}

/** For as long as a program may run: nothing renews it, a new one comes with the next start. */
const validityMs = 10 * 365 * 24 * 3_600_000;

/**
 * A certificate for these DNS names and addresses, by an authority of its own whose key is forgotten at once. Each
 * program that makes one is another authority: where several copies serve a webhook, use `CertificateFiles`.
 */
export async function selfMadeCertificate(
  names: readonly string[],
  host: { readonly clock: Clock; readonly random: Random },
): Promise<WebhookCertificate> {
  const options = { ...host, validityMs };
  const authority = await makeCertificateAuthority({
    ...options,
    subject: { commonName: 'webhook authority', organizations: [] },
  });
  const issued = await issueCertificate(
    authority,
    { kind: 'server', names },
    { ...options, subject: { commonName: names[0] ?? 'webhook', organizations: [] } },
  );
  return { ...issued, authority: authority.certificate };
}

/** Where a secret of type `kubernetes.io/tls` is mounted. */
export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
  /** Absent: the API knows the authority already. */
  readonly authority?: string;
}

/** Errors: a `TypeError` for a file that is not there. */
export async function readCertificateFiles(
  { certificate, key, authority }: CertificateFiles,
  files: Files,
): Promise<WebhookCertificate> {
  const read = async (path: string): Promise<string> => {
    const bytes = await files.read(path);
    if (bytes === undefined) throw new TypeError(`certificate: there is no file ${path}`);
    return Buffer.from(bytes).toString();
  };
  return {
    certificate: await read(certificate),
    key: new Secret(await read(key)),
    ...(authority === undefined ? {} : { authority: await read(authority) }),
  };
}
