import { type Random, messageOf } from '@fairway/host';
import type { ValueSeal } from '@fairway/store';
import { resourceOfKey } from '../storage/storage-key.ts';
import { type Cipher, cipherOf, identity } from './cipher.ts';
import type { EncryptedResources, EncryptionProvider } from './encryption-configuration.ts';

/** Ciphers of one entry of the configuration: the first one writes, all of them read. */
type Ciphers = readonly [Cipher, ...Cipher[]];

const plain: Ciphers = [identity];
const sealedMark = Buffer.from('k8s:enc:');

/**
 * How objects lie on the disk, by resource. In memory they are as they go on the wire: each is opened
 * once, when the store is read.
 *
 * What cannot be opened stays as it lies there, and its readers are told so.
 *
 * Source: Kubernetes, "Encrypting Confidential Data at Rest".
 */
export class EncryptionAtRest implements ValueSeal {
  readonly #random: Pick<Random, 'bytes'>;
  #rules: readonly { readonly resources: readonly string[]; readonly ciphers: Ciphers }[] = [];
  readonly #ciphersOf = new Map<string, Ciphers>();
  /** With what those were sealed that lie sealed on the disk. */
  readonly #prefixes = new Map<string, string>();
  readonly #unreadable = new Set<string>();

  constructor(random: Pick<Random, 'bytes'>) {
    this.#random = random;
  }

  /** How many entries could not be opened when they were read. */
  get unreadableCount(): number {
    return this.#unreadable.size;
  }

  /** Takes this configuration in place of the one before. */
  async use(configuration: readonly EncryptedResources[]): Promise<void> {
    const rules = await Promise.all(
      configuration.map(async ({ resources, providers }) => ({
        resources,
        ciphers: await this.#open(providers),
      })),
    );
    this.#rules = rules;
    this.#ciphersOf.clear();
  }

  seal(key: string, value: Uint8Array): Uint8Array {
    // Nobody has opened it: it is written back as it was.
    if (this.#unreadable.has(key) && isSealed(value)) return value;
    const [writer] = this.#ciphers(key);
    this.#unreadable.delete(key);
    if (writer.prefix === '') {
      this.#prefixes.delete(key);
      return value;
    }
    this.#prefixes.set(key, writer.prefix);
    return writer.seal(value, key);
  }

  open(key: string, stored: Uint8Array): Uint8Array {
    if (!isSealed(stored) && this.#rules.length === 0) return stored;
    const opened = this.#tryOpen(key, stored);
    if (typeof opened !== 'string') return opened;
    this.#unreadable.add(key);
    return stored;
  }

  forget(key: string): void {
    this.#prefixes.delete(key);
    this.#unreadable.delete(key);
  }

  isUnreadable(key: string): boolean {
    return this.#unreadable.has(key);
  }

  /** Tries again, by the configuration of now; answers in words why the value cannot be opened. */
  reopen(key: string, stored: Uint8Array): Uint8Array | string {
    return this.#tryOpen(key, stored);
  }

  /** Whether it lies on the disk otherwise than it would if it were written now. */
  isStale(key: string): boolean {
    const [writer] = this.#ciphers(key);
    return (this.#prefixes.get(key) ?? '') !== writer.prefix;
  }

  #tryOpen(key: string, stored: Uint8Array): Uint8Array | string {
    const ciphers = this.#ciphers(key);
    const cipher = ciphers.find((each) => isSealedBy(each, stored));
    if (cipher === undefined) return whyNone(ciphers, stored);
    try {
      const value = cipher.open(stored, key);
      if (cipher.prefix !== '') this.#prefixes.set(key, cipher.prefix);
      return value;
    } catch (error) {
      return `it was not written there with the key of ${cipher.prefix} (${messageOf(error)})`;
    }
  }

  #ciphers(key: string): Ciphers {
    if (this.#rules.length === 0) return plain;
    const { group, plural } = resourceOfKey(key);
    const resource = group === '' ? plural : `${plural}.${group}`;
    const known = this.#ciphersOf.get(resource);
    if (known !== undefined) return known;
    const wanted = [resource, `*.${group}`, '*.*'];
    const rule = this.#rules.find(({ resources }) =>
      resources.some((each) => wanted.includes(each)),
    );
    const ciphers = rule?.ciphers ?? plain;
    this.#ciphersOf.set(resource, ciphers);
    return ciphers;
  }

  async #open(providers: readonly EncryptionProvider[]): Promise<Ciphers> {
    const ciphers = await Promise.all(
      providers.map(async (provider) =>
        provider.kind === 'identity'
          ? [identity]
          : Promise.all(provider.keys.map((key) => cipherOf(provider.kind, key, this.#random))),
      ),
    );
    const [first = identity, ...others] = ciphers.flat();
    return [first, ...others];
  }
}

function isSealed(value: Uint8Array): boolean {
  return value[0] === sealedMark[0] && startsWith(value, sealedMark);
}

function isSealedBy({ prefix }: Cipher, stored: Uint8Array): boolean {
  return prefix === '' ? !isSealed(stored) : startsWith(stored, Buffer.from(prefix));
}

function startsWith(value: Uint8Array, start: Uint8Array): boolean {
  return Buffer.compare(value.subarray(0, start.length), start) === 0;
}

function whyNone(ciphers: Ciphers, stored: Uint8Array): string {
  if (!isSealed(stored)) {
    return 'no matching prefix found: it lies there in plain text, and no provider is identity';
  }
  const [prefix = ''] = /^k8s:enc:[^:]*:[^:]*:(?:[^:]*:)?/.exec(
    Buffer.from(stored.subarray(0, 200)).toString('latin1'),
  ) ?? [''];
  const reads = ciphers.map((each) => each.prefix || 'identity').join(', ');
  return `no matching prefix found: it was written with ${prefix}, and what is read is ${reads}`;
}
