import { webcrypto } from 'node:crypto';
import type { Secret } from '@fairway/host';
import { systemClock, systemRandom } from '@fairway/host/nodejs';
import { type CertifiedKey, importSigner, loadX509, pemLine } from './authority-signer.ts';
import { issueCertificate, makeCertificateAuthority } from './issue-certificate.ts';
import { exportKey } from './private-key.ts';

const issueOptions = {
  validityMs: 3_600_000,
  clock: systemClock,
  random: systemRandom,
};

/** A public key infrastructure for one test file. */
export async function makeTestCertificates(): Promise<{
  /** For a listener. */
  readonly tls: CertifiedKey & { readonly clientCertificateAuthorities: string };
  readonly authority: CertifiedKey;
  readonly client: CertifiedKey;
  /** Names the same user, but was issued by somebody else. */
  readonly stranger: CertifiedKey;
}> {
  const subject = { commonName: 'ann', organizations: ['ops'] };
  const authority = await makeCertificateAuthority({ ...issueOptions, subject });
  const other = await makeCertificateAuthority({ ...issueOptions, subject });
  const use = { kind: 'client' } as const;
  const server = await issueCertificate(
    authority,
    { kind: 'server', names: ['localhost', '127.0.0.1'] },
    { ...issueOptions, subject: { commonName: 'server', organizations: [] } },
  );
  return {
    authority,
    client: await issueCertificate(authority, use, { ...issueOptions, subject }),
    stranger: await issueCertificate(other, use, { ...issueOptions, subject }),
    tls: { ...server, clientCertificateAuthorities: authority.certificate },
  };
}

/** An authority that another one has certified. */
export async function makeIntermediateAuthority(
  authority: CertifiedKey,
  commonName: string,
): Promise<CertifiedKey> {
  const x509 = await loadX509();
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const issuer = new x509.X509Certificate(authority.certificate);
  const signer = await importSigner(authority);
  const made = await x509.X509CertificateGenerator.create(
    {
      subject: `CN=${commonName}, O=ops`,
      issuer: issuer.subjectName,
      publicKey: keys.publicKey,
      signingKey: signer.key,
      signingAlgorithm: signer.algorithm,
      notBefore: new Date(systemClock.now() - 60_000),
      notAfter: new Date(systemClock.now() + issueOptions.validityMs),
      extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
    },
    webcrypto,
  );
  return { certificate: pemLine(made.toString('pem')), key: await exportKey(keys) };
}

/** A request for a certificate, signed with a key of its own, and that key. Both in PEM. */
export async function makeCertificateRequest({
  subject,
  algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  names = [],
}: {
  /** `O=ops, CN=ann`. */
  readonly subject: string;
  readonly algorithm?: webcrypto.EcKeyGenParams | webcrypto.RsaHashedKeyGenParams;
  readonly names?: readonly {
    readonly type: 'dns' | 'ip' | 'email' | 'url';
    readonly value: string;
  }[];
}): Promise<{ readonly request: string; readonly key: Secret }> {
  const x509 = await loadX509();
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const extensions =
    names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension([...names])];
  const made = await x509.Pkcs10CertificateRequestGenerator.create(
    { name: subject, keys, signingAlgorithm: algorithm, extensions },
    webcrypto,
  );
  return { request: pemLine(made.toString('pem')), key: await exportKey(keys) };
}

/** A certificate that signed itself, is of no authority and says nothing of its use: as Java suites make them. */
export async function makeSelfSigned(subject: string): Promise<CertifiedKey> {
  const x509 = await loadX509();
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const made = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: subject,
      notBefore: new Date(systemClock.now() - 60_000),
      notAfter: new Date(systemClock.now() + issueOptions.validityMs),
      keys,
      signingAlgorithm: algorithm,
    },
    webcrypto,
  );
  return { certificate: pemLine(made.toString('pem')), key: await exportKey(keys) };
}
