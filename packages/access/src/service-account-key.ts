import {
  type KeyObject,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  hash,
} from 'node:crypto';
import { promisify } from 'node:util';
import type { Files } from '@fairway/host';

/** A key that signs service-account tokens, and the name by which a token refers to it. */
export interface ServiceAccountKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly algorithm: SigningAlgorithm;
  readonly keyId: string;
}

export type SigningAlgorithm = 'RS256' | 'ES256' | 'ES384' | 'ES512';

export class ServiceAccountKeyError extends Error {
  override readonly name = 'ServiceAccountKeyError';
  readonly path: string;

  constructor(path: string, why: string, options?: { cause?: unknown }) {
    super(`cannot use the service-account key in ${path}: ${why}`, options);
    this.path = path;
  }
}

/**
 * Reads the key at `path`, or makes one there (P-256, mode 0600) when there is none.
 *
 * Errors: throws `ServiceAccountKeyError` when the file holds anything else than an RSA key of at
 * least 2048 bits or an EC key on P-256, P-384 or P-521, in PEM.
 */
export async function loadServiceAccountKey(
  files: Files,
  path: string,
): Promise<ServiceAccountKey> {
  const existing = await files.read(path);
  if (existing !== undefined) return parseKey(existing, path);
  const { privateKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  if (await files.createExclusively(path, Buffer.from(pem), { mode: 0o600 })) {
    return describeKey(privateKey, path);
  }
  // Another process wrote its key first: that one is used.
  return parseKey((await files.read(path)) ?? new Uint8Array(), path);
}

/** The key in a PEM file. `path` is for the error message only. */
function parseKey(pem: Uint8Array, path: string): ServiceAccountKey {
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey(Buffer.from(pem));
  } catch (cause) {
    const why = 'it is not a private key in PEM; remove the file and a new key is made';
    throw new ServiceAccountKeyError(path, why, { cause });
  }
  return describeKey(privateKey, path);
}

function describeKey(privateKey: KeyObject, path: string): ServiceAccountKey {
  const publicKey = createPublicKey(privateKey);
  const algorithm = algorithmOf(publicKey);
  if (algorithm === undefined) {
    const why = `it is a key of type ${privateKey.asymmetricKeyType ?? 'unknown'} that tokens cannot be signed with`;
    throw new ServiceAccountKeyError(path, `${why}; use RSA from 2048 bits or EC P-256`);
  }
  return { privateKey, publicKey, algorithm, keyId: keyIdOf(publicKey) };
}

function algorithmOf(key: KeyObject): SigningAlgorithm | undefined {
  const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'rsa') return modulusLength >= 2048 ? 'RS256' : undefined;
  if (key.asymmetricKeyType === 'ec') return curveAlgorithms[namedCurve];
  return undefined;
}

const curveAlgorithms: Readonly<Record<string, SigningAlgorithm>> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512',
};

/** The name of a key in a token: the digest of the public key, the same on every server. */
export function keyIdOf(publicKey: KeyObject): string {
  return hash('sha256', publicKey.export({ type: 'spki', format: 'der' }), 'base64url');
}
