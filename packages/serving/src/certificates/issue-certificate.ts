import { type KeyObject, createPrivateKey, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import { type Clock, type Random, Secret } from '@fairway/host';
import { canonicalIp } from './canonical-ip.ts';
import { type CertificateSubject, userUid } from './read-certificate.ts';

/** A certificate and the key that belongs to it, both in PEM. */
export interface CertifiedKey {
  readonly certificate: string;
  readonly key: Secret;
}

export type CertificateUse =
  | {
      readonly kind: 'server';
      /** DNS names and IP addresses. */ readonly names: readonly string[];
    }
  | { readonly kind: 'client' };

/** From when on a certificate is valid, and for how long. */
export interface RenewOptions {
  readonly validityMs: number;
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
  const signer = await importSigner(createPrivateKey(authority.key.reveal()));
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
  const signer = await importSigner(createPrivateKey(authority.key.reveal()));
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

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** How far back a certificate is valid, for clients whose clock is behind. */
const clockSkewMs = 5 * 60_000;

// The library takes a tenth of a second to load, so a start that makes no certificate must not.
async function loadX509(): Promise<typeof import('@peculiar/x509')> {
  await import('reflect-metadata');
  return await import('@peculiar/x509');
}

async function generateKeys(): Promise<CryptoKeyPair> {
  return await webcrypto.subtle.generateKey(ecdsa, true, ['sign', 'verify']);
}

async function exportKey(keys: CryptoKeyPair): Promise<Secret> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return new Secret(
    ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----', ''].join('\n'),
  );
}

type CryptoKeyPair = webcrypto.CryptoKeyPair;

interface Signer {
  readonly key: webcrypto.CryptoKey;
  readonly algorithm: { readonly name: string; readonly hash: string };
}

async function importSigner(key: KeyObject): Promise<Signer> {
  const algorithm = signingAlgorithm(key);
  const der = key.export({ type: 'pkcs8', format: 'der' });
  const imported = await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']);
  return { key: imported, algorithm };
}

function signingAlgorithm(key: KeyObject): { name: string; hash: string; namedCurve?: string } {
  const curve = key.asymmetricKeyDetails?.namedCurve;
  if (key.asymmetricKeyType === 'rsa') return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  if (curve === 'prime256v1') return ecdsa;
  if (curve === 'secp384r1') return { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' };
  throw new Error(
    `cannot sign with a key of type ${key.asymmetricKeyType ?? 'unknown'} ${curve ?? ''}: ` +
      'use an authority with an RSA, P-256 or P-384 key',
  );
}

function commonFields({ validityMs, clock, random }: RenewOptions) {
  const now = clock.now();
  return {
    // Sixteen bytes, the first of them neither zero nor negative. Source: RFC 5280 §4.1.2.2.
    serialNumber: `4${Buffer.from(random.bytes(16)).toString('hex').slice(1)}`,
    notBefore: new Date(now - clockSkewMs),
    notAfter: new Date(now + validityMs),
    signingAlgorithm: ecdsa,
  };
}

function nameOf({
  commonName,
  organizations,
  uid,
}: CertificateSubject): Record<string, { utf8String: string }[]>[] {
  return [
    ...organizations.map((each) => ({ O: [{ utf8String: each }] })),
    ...(commonName === '' ? [] : [{ CN: [{ utf8String: commonName }] }]),
    ...(uid === undefined ? [] : [{ [userUid]: [{ utf8String: uid }] }]),
  ];
}

function alternativeName(name: string): { type: 'ip' | 'dns'; value: string } {
  const address = canonicalIp(name);
  return isIP(address) === 0 ? { type: 'dns', value: name } : { type: 'ip', value: address };
}

function pemLine(pem: string): string {
  return pem.endsWith('\n') ? pem : `${pem}\n`;
}
