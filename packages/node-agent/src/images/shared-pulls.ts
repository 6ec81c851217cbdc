import { createHash } from 'node:crypto';
import type { Clock } from '@fairway/host';
import { RuntimeError } from '../runtime/runtime-error.ts';
import type { ImageRecord, ImageStore, RegistryCredentials } from '../runtime/image-store.ts';

/** An image that has been fetched, and how long that took. */
export interface PulledImage {
  readonly image: ImageRecord;
  readonly tookMs: number;
}

/** Fetches images; whoever asks for one that is being fetched with the same credentials waits for that. */
export class SharedPulls {
  readonly #store: ImageStore;
  readonly #clock: Clock;
  readonly #running = new Map<string, Promise<PulledImage>>();

  constructor(store: ImageStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Tries one after the other of several credentials. Errors: `RuntimeError`, with the words for each. */
  async pull(name: string, credentials: readonly RegistryCredentials[]): Promise<PulledImage> {
    const key = JSON.stringify([name, ...credentials.map(fingerprint)]);
    const running = this.#running.get(key);
    if (running !== undefined) return await running;
    const pull = this.#pull(name, credentials).finally(() => this.#running.delete(key));
    this.#running.set(key, pull);
    return await pull;
  }

  async #pull(name: string, credentials: readonly RegistryCredentials[]): Promise<PulledImage> {
    const startMs = this.#clock.elapsed();
    const errors: RuntimeError[] = [];
    for (const each of credentials.length === 0 ? [undefined] : credentials) {
      try {
        const id = await this.#store.pull(name, each);
        const image = await this.#store.find(id);
        if (image !== undefined) return { image, tookMs: this.#clock.elapsed() - startMs };
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

function fingerprint({ username, password }: RegistryCredentials): string {
  const both = JSON.stringify([username, password.reveal()]);
  return createHash('sha256').update(both).digest('base64');
}
