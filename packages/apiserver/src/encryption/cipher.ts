import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Random, Secret } from '@fairway/host';

/** How bytes are sealed with a key. */
export interface Cipher {
  /** With what it seals begins: `k8s:enc:aesgcm:v1:key1:`. Empty for what leaves bytes as they are. */
  readonly prefix: string;
  readonly seal: (value: Uint8Array, place: string) => Uint8Array;
  /**
   * Errors: throws for what was not sealed so with this key; with AES-GCM also for what was sealed for
   * another place.
   */
  readonly open: (sealed: Uint8Array, place: string) => Uint8Array;
}

/** A key of a configuration. */
export interface CipherKey {
  readonly name: string;
  /** In base64. */
  readonly secret: Secret;
}

export type CipherName = 'aesgcm' | 'aescbc' | 'secretbox';

/** Leaves bytes as they are. */
export const identity: Cipher = { prefix: '', seal: (value) => value, open: (value) => value };

/** Lengths of keys in bytes. */
export const keyBytes: Readonly<Record<CipherName, readonly number[]>> = {
  aesgcm: [16, 24, 32],
  aescbc: [16, 24, 32],
  secretbox: [32],
};

/**
 * The layouts are those of a kube-apiserver.
 * Source: k8s.io/apiserver, storage/value/encrypt.
 */
export async function cipherOf(
  name: CipherName,
  key: CipherKey,
  random: Pick<Random, 'bytes'>,
): Promise<Cipher> {
  const { seal, open } = await makers[name](Buffer.from(key.secret.reveal(), 'base64'), random);
  const prefix = `k8s:enc:${name}:v1:${key.name}:`;
  const head = Buffer.from(prefix);
  return {
    prefix,
    seal: (value, place) => Buffer.concat([head, ...seal(value, place)]),
    open: (sealed, place) => open(sealed.subarray(head.length), place),
  };
}

interface Sealing {
  readonly seal: (value: Uint8Array, place: string) => readonly Uint8Array[];
  readonly open: (sealed: Uint8Array, place: string) => Uint8Array;
}

type Maker = (key: Buffer, random: Pick<Random, 'bytes'>) => Sealing | Promise<Sealing>;

const makers: Readonly<Record<CipherName, Maker>> = {
  aesgcm: aesGcm,
  aescbc: aesCbc,
  secretbox: secretBox,
};

const gcmNonceBytes = 12;
const gcmTagBytes = 16;

function aesGcm(key: Buffer, random: Pick<Random, 'bytes'>): Sealing {
  const algorithm = `aes-${key.length * 8}-gcm` as 'aes-256-gcm';
  return {
    seal(value, place) {
      const nonce = random.bytes(gcmNonceBytes);
      const cipher = createCipheriv(algorithm, key, nonce);
      cipher.setAAD(Buffer.from(place));
      return [nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()];
    },
    open(sealed, place) {
      const nonce = sealed.subarray(0, gcmNonceBytes);
      const options = { authTagLength: gcmTagBytes };
      const decipher = createDecipheriv(algorithm, key, nonce, options);
      decipher.setAAD(Buffer.from(place));
      decipher.setAuthTag(sealed.subarray(-gcmTagBytes));
      const text = sealed.subarray(gcmNonceBytes, -gcmTagBytes);
      return Buffer.concat([decipher.update(text), decipher.final()]);
    },
  };
}

const cbcVectorBytes = 16;

/** Does not notice what was changed at rest, nor a place. */
function aesCbc(key: Buffer, random: Pick<Random, 'bytes'>): Sealing {
  const algorithm = `aes-${key.length * 8}-cbc`;
  return {
    seal(value) {
      const vector = random.bytes(cbcVectorBytes);
      const cipher = createCipheriv(algorithm, key, vector);
      return [vector, cipher.update(value), cipher.final()];
    },
    open(sealed) {
      const vector = sealed.subarray(0, cbcVectorBytes);
      const decipher = createDecipheriv(algorithm, key, vector);
      return Buffer.concat([decipher.update(sealed.subarray(cbcVectorBytes)), decipher.final()]);
    },
  };
}

const boxNonceBytes = 24;

/** XSalsa20 and Poly1305, as NaCl has it. It knows no place. */
async function secretBox(key: Buffer, random: Pick<Random, 'bytes'>): Promise<Sealing> {
  const { xsalsa20poly1305 } = await import('@noble/ciphers/salsa.js');
  return {
    seal(value) {
      const nonce = random.bytes(boxNonceBytes);
      return [nonce, xsalsa20poly1305(key, nonce).encrypt(value)];
    },
    open(sealed) {
      const nonce = sealed.subarray(0, boxNonceBytes);
      return xsalsa20poly1305(key, nonce).decrypt(sealed.subarray(boxNonceBytes));
    },
  };
}
