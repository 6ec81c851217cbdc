import { type KeyObject, X509Certificate, createPrivateKey } from 'node:crypto';

import { type PemBlock, readPemBlocks } from '@fairway/certificates';
import type { Secret } from '@fairway/kinds/core/v1';

/** A certificate of `kubernetes.io/tls` that no server could use, in the words of Go's `X509KeyPair`. */
export function* secretWarnings({ type, data = {} }: Secret): Iterable<string> {
  if (type !== 'kubernetes.io/tls') return;
  const problem = keyPairProblem(blocksOf(data['tls.crt']), blocksOf(data['tls.key']));
  if (problem !== undefined) yield problem;
}

function blocksOf(base64 = ''): readonly PemBlock[] {
  return [...readPemBlocks(Buffer.from(base64, 'base64').toString('latin1'))];
}

function keyPairProblem(
  certificates: readonly PemBlock[],
  keys: readonly PemBlock[],
): string | undefined {
  const leaf = certificates.find(({ type }) => type === 'CERTIFICATE');
  if (leaf === undefined) return noCertificate(certificates.map(({ type }) => type));
  const keyBlock = keys.find(({ type }) => type.endsWith('PRIVATE KEY'));
  if (keyBlock === undefined) return noKey(keys.map(({ type }) => type));
  const certificate = attempt(() => new X509Certificate(leaf.der));
  if (certificate === undefined) return 'x509: malformed certificate';
  const key = readKey(keyBlock);
  if (key === undefined) return 'tls: failed to parse private key';
  if (certificate.publicKey.asymmetricKeyType !== key.asymmetricKeyType) {
    return 'tls: private key type does not match public key type';
  }
  return certificate.checkPrivateKey(key)
    ? undefined
    : 'tls: private key does not match public key';
}

function noCertificate(found: readonly string[]): string {
  const [first] = found;
  if (first === undefined) return 'tls: failed to find any PEM data in certificate input';
  if (found.length === 1 && first.endsWith('PRIVATE KEY')) {
    return 'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched';
  }
  return `tls: failed to find "CERTIFICATE" PEM block in certificate input ${skipped(found)}`;
}

function noKey(found: readonly string[]): string {
  const [first] = found;
  if (first === undefined) return 'tls: failed to find any PEM data in key input';
  if (found.length === 1 && first === 'CERTIFICATE') {
    return 'tls: found a certificate rather than a key in the PEM for the private key';
  }
  return `tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input ${skipped(found)}`;
}

function skipped(types: readonly string[]): string {
  return `after skipping PEM blocks of the following types: [${types.join(' ')}]`;
}

/** In whichever form it is, whatever its block says. */
function readKey({ der }: PemBlock): KeyObject | undefined {
  const key = Buffer.from(der);
  for (const type of ['pkcs8', 'pkcs1', 'sec1'] as const) {
    const read = attempt(() => createPrivateKey({ key, format: 'der', type }));
    if (read !== undefined) return read;
  }
  return undefined;
}

function attempt<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
