import { webcrypto } from 'node:crypto';
import type { Clock, Random } from '@fairway/host';
import {
  type CertifiedKey,
  clockSkewMs,
  ecdsa,
  importSigner,
  loadX509,
  makeSerialNumber,
  pemLine,
} from './authority-signer.ts';
import type { CertificateSubject } from './names.ts';
import { exportKey, generateKeys } from './private-key.ts';
import { alternativeName, nameOf } from './subject-names.ts';

export type CertificateUse =
  | {
      readonly kind: 'server';
      /** DNS names and IP addresses. */ readonly names: readonly string[];
    }
  | { readonly kind: 'client' };

/** From when on a certificate is valid, and for how long. */
export interface RenewOptions {
  /** A year when absent. */
  readonly validityMs?: number;
  readonly clock: Clock;
  readonly random: Random;
}

export interface IssueOptions extends RenewOptions {
  readonly subject: CertificateSubject;
}

/** Makes a certificate authority that signs itself: an ECDSA P-256 key and its certificate. */
export async function makeCertificateAuthority(options: IssueOptions): Promise<CertifiedKey> {
  const x509 = await loadX509();
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      ...commonFields(options),
      name: new x509.Name(nameOf(options.subject)),
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(
          x509.KeyUsageFlags.digitalSignature |
            x509.KeyUsageFlags.keyCertSign |
            x509.KeyUsageFlags.cRLSign,
          true,
        ),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return { certificate: pemLine(certificate.toString('pem')), key: await exportKey(keys) };
}

/**
 * Signs an authority that signs itself once more, with its own key, for another time. What it has
 * certified stays certified.
 *
 * Errors: throws when its key is neither ECDSA nor RSA.
 */
export async function renewCertificateAuthority(
  authority: CertifiedKey,
  options: RenewOptions,
): Promise<CertifiedKey> {
  const x509 = await loadX509();
  const before = new x509.X509Certificate(authority.certificate);
  const signer = await importSigner(authority);
  const certificate = await x509.X509CertificateGenerator.create(
    {
      ...commonFields(options),
      signingAlgorithm: signer.algorithm,
      subject: before.subjectName,
      issuer: before.subjectName,
      publicKey: before.publicKey,
      signingKey: signer.key,
      extensions: before.extensions,
    },
    webcrypto,
  );
  return { certificate: pemLine(certificate.toString('pem')), key: authority.key };
}

/**
 * Makes an ECDSA P-256 key and has `authority` certify it for one use.
 *
 * Errors: throws when the key of `authority` is neither ECDSA nor RSA.
 */
export async function issueCertificate(
  authority: CertifiedKey,
  use: CertificateUse,
  options: IssueOptions,
): Promise<CertifiedKey> {
  const x509 = await loadX509();
  const keys = await generateKeys();
  const issuer = new x509.X509Certificate(authority.certificate);
  const signer = await importSigner(authority);
  const certificate = await x509.X509CertificateGenerator.create(
    {
      ...commonFields(options),
      signingAlgorithm: signer.algorithm,
      subject: new x509.Name(nameOf(options.subject)),
      issuer: issuer.subjectName,
      publicKey: keys.publicKey,
      signingKey: signer.key,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([
          use.kind === 'server'
            ? x509.ExtendedKeyUsage.serverAuth
            : x509.ExtendedKeyUsage.clientAuth,
        ]),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
        await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey, false, webcrypto),
        ...(use.kind === 'server'
          ? [new x509.SubjectAlternativeNameExtension(use.names.map(alternativeName))]
          : []),
      ],
    },
    webcrypto,
  );
  return { certificate: pemLine(certificate.toString('pem')), key: await exportKey(keys) };
}

const validityMsByDefault = 365 * 24 * 3_600_000;

function commonFields({ validityMs = validityMsByDefault, clock, random }: RenewOptions) {
  const now = clock.now();
  return {
    serialNumber: makeSerialNumber(random),
    notBefore: new Date(now - clockSkewMs),
    notAfter: new Date(now + validityMs),
    signingAlgorithm: ecdsa,
  };
}
