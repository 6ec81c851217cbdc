import {
  type KeyObject,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  hash,
} from 'node:crypto';
import { promisify } from 'node:util';
import type { Files } from '@fairway/host';

/** A key that verifies service-account tokens, and the name by which a token refers to it. */
export interface VerificationKey {
  readonly publicKey: KeyObject;
  readonly algorithm: SigningAlgorithm;
  readonly keyId: string;
}

/** A key that signs service-account tokens. */
export interface ServiceAccountKey extends VerificationKey {
  readonly privateKey: KeyObject;
}

/** The keys of a moment. */
export interface ServiceAccountKeys {
  readonly signing: ServiceAccountKey;
  /** The signing key, and those whose tokens are still accepted. */
  readonly verifying: readonly VerificationKey[];
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
 * Reads the keys at `path`, or makes one there (P-256, mode 0600) when there is no file. Of several
 * the first signs and all verify.
 *
 * Errors: as `readSigningKey`.
 */
export async function loadServiceAccountKeys(
  files: Files,
  path: string,
): Promise<ServiceAccountKeys> {
  const existing = await files.read(path);
  if (existing !== undefined) return readServiceAccountKeys(existing, path);
  const { privateKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  if (await files.createExclusively(path, Buffer.from(pem), { mode: 0o600 })) {
    return readServiceAccountKeys(Buffer.from(pem), path);
  }
  // Another process wrote its key first: that one is used.
  return readServiceAccountKeys((await files.read(path)) ?? new Uint8Array(), path);
}

function readServiceAccountKeys(pem: Uint8Array, path: string): ServiceAccountKeys {
  const signing = readSigningKey(pem, path);
  return serviceAccountKeys(signing, readVerificationKeys(pem, path));
}

/** Keys that sign and verify, each once; the signing key always verifies. */
export function serviceAccountKeys(
  signing: ServiceAccountKey,
  others: readonly VerificationKey[] = [],
): ServiceAccountKeys {
  const all = new Map([signing, ...others].map((key) => [key.keyId, key]));
  return { signing, verifying: [...all.values()] };
}

/**
 * The first key in a file, which must be a private one. `path` is for the error message.
 *
 * Errors: throws `ServiceAccountKeyError` when the file begins with anything else than an RSA key of
 * at least 2048 bits or an EC key on P-256, P-384 or P-521, in PEM.
 */
export function readSigningKey(pem: Uint8Array, path: string): ServiceAccountKey {
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey(blocksOf(pem)[0] ?? '');
  } catch (cause) {
    const why = 'it is not a private key in PEM; remove the file and a new key is made';
    throw new ServiceAccountKeyError(path, why, { cause });
  }
  return { privateKey, ...describeKey(createPublicKey(privateKey), path) };
}

/**
 * Every key in a file: public keys, certificates, and the public halves of private keys.
 *
 * Errors: as `readSigningKey`, also for a file without a key.
 */
export function readVerificationKeys(pem: Uint8Array, path: string): readonly VerificationKey[] {
  const blocks = blocksOf(pem);
  if (blocks.length === 0) throw new ServiceAccountKeyError(path, 'it holds no key in PEM');
  return blocks.map((block) => {
    let publicKey: KeyObject;
    try {
      publicKey = createPublicKey(block);
    } catch (cause) {
      throw new ServiceAccountKeyError(path, 'a part of it is not a key in PEM', { cause });
    }
    return describeKey(publicKey, path);
  });
}

/** The parts of a PEM file, without the parameters that OpenSSL writes before an EC key. */
function blocksOf(pem: Uint8Array): readonly string[] {
  const text = Buffer.from(pem).toString('latin1');
  const blocks = text.match(/-----BEGIN ([A-Z0-9 ]+)-----[^-]*-----END \1-----/g) ?? [];
  return blocks.filter((block) => !block.startsWith('-----BEGIN EC PARAMETERS'));
}

function describeKey(publicKey: KeyObject, path: string): VerificationKey {
  const algorithm = algorithmOf(publicKey);
  if (algorithm === undefined) {
    const why = `it is a key of type ${publicKey.asymmetricKeyType ?? 'unknown'} that tokens cannot be signed with`;
    throw new ServiceAccountKeyError(path, `${why}; use RSA from 2048 bits or EC P-256`);
  }
  return { publicKey, algorithm, keyId: keyIdOf(publicKey) };
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
