import { type KeyObject, createPrivateKey, webcrypto } from 'node:crypto';
import type { Random, Secret } from '@fairway/host';

/** A certificate and the key that belongs to it, both in PEM. */
export interface CertifiedKey {
  readonly certificate: string;
  readonly key: Secret;
}

export interface AuthoritySigner {
  readonly key: webcrypto.CryptoKey;
  readonly algorithm: { readonly name: string; readonly hash: string };
}

export const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

// The library takes a tenth of a second to load, so a start that makes no certificate must not.
export async function loadX509(): Promise<typeof import('@peculiar/x509')> {
  await import('reflect-metadata');
  return await import('@peculiar/x509');
}

/** What signs in the name of an authority. Errors: when its key is neither ECDSA nor RSA. */
export async function importSigner({ key }: CertifiedKey): Promise<AuthoritySigner> {
  const privateKey = createPrivateKey(key.reveal());
  const algorithm = signingAlgorithm(privateKey);
  const der = privateKey.export({ type: 'pkcs8', format: 'der' });
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

/** Sixteen bytes, the first of them neither zero nor negative. Source: RFC 5280 §4.1.2.2. */
export function makeSerialNumber(random: Random): string {
  return `4${Buffer.from(random.bytes(16)).toString('hex').slice(1)}`;
}

/** How far back a certificate is valid, for clients whose clock is behind. */
export const clockSkewMs = 5 * 60_000;

export function pemLine(pem: string): string {
  return pem.endsWith('\n') ? pem : `${pem}\n`;
}
