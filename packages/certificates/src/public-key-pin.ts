import { X509Certificate, hash } from 'node:crypto';
import { readPemBlocks } from './pem.ts';

/**
 * Names the key of a certificate in PEM, whoever has certified it: `sha256:` and the SHA-256 of its public
 * key in lower-case hex.
 *
 * Errors: throws when it is not a certificate. Source: kubeadm, `--discovery-token-ca-cert-hash`; RFC 7469 §2.4.
 */
export function publicKeyPin(certificate: string): string {
  const { publicKey } = new X509Certificate(certificate);
  return `sha256:${hash('sha256', publicKey.export({ type: 'spki', format: 'der' }), 'hex')}`;
}

/** Each certificate of a text that may hold several, in PEM again. Errors: throws for what only looks like one. */
export function certificatesIn(pem: string): readonly string[] {
  return [...readPemBlocks(pem)]
    .filter(({ type }) => type === 'CERTIFICATE')
    .map(({ der }) => new X509Certificate(der).toString());
}
