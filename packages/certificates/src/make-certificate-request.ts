import { webcrypto } from 'node:crypto';
import type { Secret } from '@fairway/host';
import { ecdsa, loadX509, pemLine } from './authority-signer.ts';
import type { CertificateSubject } from './names.ts';
import { importKeys } from './private-key.ts';
import { alternativeName, nameOf } from './subject-names.ts';

/**
 * Asks for a certificate of a key that `makePrivateKey` has made. Answers PEM.
 *
 * Errors: throws for any other key. Source: RFC 2986.
 */
export async function makeCertificateRequest(
  key: Secret,
  wanted: {
    readonly subject: CertificateSubject;
    /** DNS names and IP addresses. */
    readonly names: readonly string[];
  },
): Promise<string> {
  const x509 = await loadX509();
  const { names } = wanted;
  const extensions =
    names.length === 0
      ? []
      : [new x509.SubjectAlternativeNameExtension(names.map(alternativeName))];
  const made = await x509.Pkcs10CertificateRequestGenerator.create(
    {
      name: new x509.Name(nameOf(wanted.subject)),
      keys: await importKeys(key),
      signingAlgorithm: ecdsa,
      extensions,
    },
    webcrypto,
  );
  return pemLine(made.toString('pem'));
}
