import { createHash } from 'node:crypto';
import type { Files } from '@fairway/host';
import type { ImageReference } from '../oci/image-reference.ts';
import type { ImageRecord, ImageStore, RegistryCredentials } from '../runtime/image-store.ts';
import { RuntimeError } from '../runtime/runtime-error.ts';

/** Whose credentials have opened a repository for an image: fingerprints, or everybody. */
type PulledBy = readonly string[] | 'anybody';

export interface PullRecordsParts {
  readonly files: Files;
  /** Where it is written down, for the next agent. */
  readonly recordFile: string;
  readonly store: Pick<ImageStore, 'list'>;
}

/** So many are kept before those of images are left out that are gone. */
const recordsMin = 200;

/**
 * Remembers with which credentials the images of a machine were pulled, so that a pod without them has to ask the
 * registry, also where the image is on the machine already. Images that nobody has pulled are everybody's.
 *
 * Errors: `RuntimeError` for a record that cannot be read. Source: KEP-2535, `imagePullCredentialsVerificationPolicy: NeverVerifyPreloadedImages`.
 */
export class PullRecords {
  readonly #parts: PullRecordsParts;
  #records: Promise<Map<string, PulledBy>> | undefined;

  constructor(parts: PullRecordsParts) {
    this.#parts = parts;
  }

  /** Whether whoever has these credentials may use an image that is here. */
  async mayUse(
    image: ImageRecord,
    reference: ImageReference,
    credentials: () => Promise<readonly RegistryCredentials[]>,
  ): Promise<boolean> {
    const records = await this.#read();
    const by = records.get(keyOf(image, reference));
    if (by === 'anybody') return true;
    if (by === undefined) {
      const wasPulled = [...records.keys()].some((key) => key.startsWith(`${image.id} `));
      return !wasPulled;
    }
    return (await credentials()).some((each) => by.includes(fingerprint(each)));
  }

  /** `credentials`: those that have opened the registry; undefined: it was open. */
  async pulled(
    image: ImageRecord,
    reference: ImageReference,
    credentials: RegistryCredentials | undefined,
  ): Promise<void> {
    const records = await this.#read();
    const key = keyOf(image, reference);
    const former = records.get(key) ?? [];
    const by = credentials && fingerprint(credentials);
    if (former === 'anybody' || (by !== undefined && former.includes(by))) return;
    records.set(key, by === undefined ? 'anybody' : [...former, by]);
    if (records.size > recordsMin) await this.#prune(records);
    const { files, recordFile } = this.#parts;
    const bytes = Buffer.from(JSON.stringify(Object.fromEntries(records)));
    await files.write(recordFile, bytes, { mode: 0o600 });
  }

  async #prune(records: Map<string, PulledBy>): Promise<void> {
    const present = new Set((await this.#parts.store.list()).map(({ id }) => id));
    for (const key of records.keys()) {
      if (!present.has(key.slice(0, key.indexOf(' ')))) records.delete(key);
    }
  }

  async #read(): Promise<Map<string, PulledBy>> {
    this.#records ??= this.#load();
    try {
      return await this.#records;
    } catch (error) {
      this.#records = undefined;
      throw error;
    }
  }

  async #load(): Promise<Map<string, PulledBy>> {
    const { files, recordFile } = this.#parts;
    const bytes = await files.read(recordFile);
    if (bytes === undefined) return new Map();
    try {
      const records = JSON.parse(Buffer.from(bytes).toString()) as Record<string, PulledBy>;
      return new Map(Object.entries(records));
    } catch (error) {
      const remedy = 'remove it, and every pod may use the images that are here';
      const message = `${recordFile} does not say who has pulled images: ${remedy}`;
      throw new RuntimeError('failed', message, { cause: error });
    }
  }
}

/** Of credentials; who reads it cannot use them. */
export function fingerprint({ username, password }: RegistryCredentials): string {
  const both = JSON.stringify([username, password.reveal()]);
  return createHash('sha256').update(both).digest('base64');
}

function keyOf({ id }: ImageRecord, { registry, repository }: ImageReference): string {
  return `${id} ${registry}/${repository}`;
}
