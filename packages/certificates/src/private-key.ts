import { createPrivateKey, createPublicKey, webcrypto } from 'node:crypto';
import { Secret } from '@fairway/host';
import { ecdsa } from './authority-signer.ts';
import { formatPem } from './pem.ts';

export function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ecdsa, true, ['sign', 'verify']);
}

export async function exportKey(keys: webcrypto.CryptoKeyPair): Promise<Secret> {
  const der = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return new Secret(formatPem('PRIVATE KEY', new Uint8Array(der)));
}

/** Makes an ECDSA P-256 key, in PEM. */
export async function makePrivateKey(): Promise<Secret> {
  return exportKey(await generateKeys());
}

/** Reads a key that `makePrivateKey` has made. Errors: throws for any other. */
export async function importKeys(pem: Secret): Promise<webcrypto.CryptoKeyPair> {
  const privateDer = createPrivateKey(pem.reveal()).export({ type: 'pkcs8', format: 'der' });
  const publicDer = createPublicKey(pem.reveal()).export({ type: 'spki', format: 'der' });
  const { subtle } = webcrypto;
  const [privateKey, publicKey] = await Promise.all([
    subtle.importKey('pkcs8', privateDer, ecdsa, true, ['sign']),
    subtle.importKey('spki', publicDer, ecdsa, true, ['verify']),
  ]);
  return { privateKey, publicKey };
}
