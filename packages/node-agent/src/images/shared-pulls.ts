import type { Clock } from '@fairway/host';
import { type PullRecords, fingerprint } from './pull-records.ts';
import type { ImageReference } from '../oci/image-reference.ts';
import { RuntimeError } from '../runtime/runtime-error.ts';
import type { ImageRecord, ImageStore, RegistryCredentials } from '../runtime/image-store.ts';

/** An image that has been fetched, and how long that took. */
export interface PulledImage {
  readonly image: ImageRecord;
  readonly tookMs: number;
}

export interface PullParts {
  readonly store: ImageStore;
  readonly clock: Clock;
  readonly records: PullRecords;
}

export interface PullWish {
  readonly name: string;
  readonly reference: ImageReference;
  /** Tried one after the other. */
  readonly credentials: readonly RegistryCredentials[];
}

/** Fetches images; whoever asks for one that is being fetched with the same credentials waits for that. */
export class SharedPulls {
  readonly #store: ImageStore;
  readonly #clock: Clock;
  readonly #records: PullRecords;
  readonly #running = new Map<string, Promise<PulledImage>>();

  constructor(parts: PullParts) {
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#records = parts.records;
  }

  /** Errors: `RuntimeError`, with the words for each of the credentials. */
  async pull(wish: PullWish): Promise<PulledImage> {
    const key = JSON.stringify([wish.name, ...wish.credentials.map(fingerprint)]);
    const running = this.#running.get(key);
    if (running !== undefined) return await running;
    const pull = this.#pull(wish).finally(() => this.#running.delete(key));
    this.#running.set(key, pull);
    return await pull;
  }

  async #pull({ name, reference, credentials }: PullWish): Promise<PulledImage> {
    const startMs = this.#clock.elapsed();
    const errors: RuntimeError[] = [];
    for (const each of credentials.length === 0 ? [undefined] : credentials) {
      try {
        const id = await this.#store.pull(name, each);
        const image = await this.#store.find(id);
        const tookMs = this.#clock.elapsed() - startMs;
        if (image !== undefined) {
          await this.#records.pulled(image, reference, each);
          return { image, tookMs };
        }
        errors.push(new RuntimeError('failed', `image ${JSON.stringify(name)} was removed again`));
      } catch (error) {
        if (!(error instanceof RuntimeError)) throw error;
        errors.push(error);
      }
    }
    const [first] = errors;
    const messages = [...new Set(errors.map(({ message }) => message))];
    if (first === undefined || messages.length > 1) {
      throw new RuntimeError(first?.problem ?? 'failed', `[${messages.join(', ')}]`);
    }
    throw first;
  }
}
