import type { Handler, KubernetesObject } from '@fairway/protocol';
import { callApi, unlessOvertaken } from './call-api.ts';

/** Writes objects through the API, one after the other. What was overtaken is dropped. */
export class WritesInTurn {
  readonly #handler: Handler;
  readonly #onFailure: (name: string, error: unknown) => void;
  #last: Promise<void> = Promise.resolve();

  /** `onFailure` gets the name of an object that could not be written, and why. */
  constructor(handler: Handler, onFailure: (name: string, error: unknown) => void) {
    this.#handler = handler;
    this.#onFailure = onFailure;
  }

  /** Resolves when it is written, or is not going to be. */
  put(path: string, object: KubernetesObject): Promise<void> {
    return (this.#last = this.#last.then(() => this.#put(path, object)));
  }

  /** Resolves when nothing is being written any more. */
  async settled(): Promise<void> {
    await this.#last;
  }

  async #put(path: string, object: KubernetesObject): Promise<void> {
    try {
      await unlessOvertaken(callApi(this.#handler, 'PUT', path, object));
    } catch (error) {
      this.#onFailure(object.metadata?.name ?? '', error);
    }
  }
}
