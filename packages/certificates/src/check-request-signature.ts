import { type KeyObject, constants, createPublicKey, verify } from 'node:crypto';
import { DerError, derTags, readDerMembers, readObjectIdentifier } from './der.ts';
import type {
  CertificateRequestFacts,
  CertificateRequestSignature,
} from './read-certificate-request.ts';

/**
 * Whether a request is signed with the key that it asks to have certified: what is wrong with that, in the
 * words of a kube-apiserver; undefined when nothing is.
 *
 * Source: RFC 2986 §4.2; RFC 8017, RFC 5758, RFC 8410 for the algorithms.
 */
export function checkRequestSignature(
  request: Pick<CertificateRequestFacts, 'publicKey'> & CertificateRequestSignature,
): string | undefined {
  const key = importKey(request.publicKey);
  const scheme = schemeOf(request);
  if (key === undefined || scheme === undefined) return unknownAlgorithm;
  const { keyType, hash, isPss = false } = scheme;
  if (key.asymmetricKeyType !== keyType) {
    return `x509: signature algorithm specifies an ${names[keyType]} public key, but have public key of type ${key.asymmetricKeyType}`;
  }
  const padding = isPss ? { padding: constants.RSA_PKCS1_PSS_PADDING } : {};
  const isValid = verify(hash, request.signedBytes, { key, ...padding }, request.signature);
  return isValid ? undefined : failures[keyType];
}

const unknownAlgorithm = 'x509: cannot verify signature: algorithm unimplemented';

type KeyType = 'rsa' | 'ec' | 'ed25519';

const names = { rsa: 'RSA', ec: 'ECDSA', ed25519: 'Ed25519' } as const;

const failures = {
  rsa: 'crypto/rsa: verification error',
  ec: 'x509: ECDSA verification failure',
  ed25519: 'x509: Ed25519 verification failure',
} as const;

/** Curves that are given by their parameters are not taken: to multiply on those may have no end. */
const curves = ['secp224r1', 'prime256v1', 'secp384r1', 'secp521r1'];

function importKey(der: Uint8Array): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' });
    const { namedCurve } = key.asymmetricKeyDetails ?? {};
    const isKnown = key.asymmetricKeyType !== 'ec' || curves.includes(namedCurve ?? '');
    return isKnown ? key : undefined;
  } catch {
    return undefined;
  }
}

interface Scheme {
  readonly keyType: KeyType;
  /** Null where the key's type says it. */
  readonly hash: string | null;
  readonly isPss?: boolean;
}

const schemes: ReadonlyMap<string, Scheme> = new Map([
  ['1.2.840.113549.1.1.5', { keyType: 'rsa', hash: 'sha1' }],
  ['1.2.840.113549.1.1.11', { keyType: 'rsa', hash: 'sha256' }],
  ['1.2.840.113549.1.1.12', { keyType: 'rsa', hash: 'sha384' }],
  ['1.2.840.113549.1.1.13', { keyType: 'rsa', hash: 'sha512' }],
  ['1.2.840.10045.4.1', { keyType: 'ec', hash: 'sha1' }],
  ['1.2.840.10045.4.3.2', { keyType: 'ec', hash: 'sha256' }],
  ['1.2.840.10045.4.3.3', { keyType: 'ec', hash: 'sha384' }],
  ['1.2.840.10045.4.3.4', { keyType: 'ec', hash: 'sha512' }],
  ['1.3.101.112', { keyType: 'ed25519', hash: null }],
]);

const rsaPss = '1.2.840.113549.1.1.10';
const tagOfHash = 0xa0;
const pssHashes: ReadonlyMap<string, string> = new Map([
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
]);

function schemeOf({ algorithm }: CertificateRequestSignature): Scheme | undefined {
  const [type, parameters] = readDerMembers(algorithm, derTags.sequence);
  const identifier = readObjectIdentifier(type);
  if (identifier !== rsaPss) return schemes.get(identifier);
  try {
    const [hashField] = readDerMembers(parameters, derTags.sequence);
    const [hashAlgorithm] = readDerMembers(hashField, tagOfHash);
    const [hashType] = readDerMembers(hashAlgorithm, derTags.sequence);
    const hash = pssHashes.get(readObjectIdentifier(hashType));
    return hash === undefined ? undefined : { keyType: 'rsa', hash, isPss: true };
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return undefined;
  }
}
