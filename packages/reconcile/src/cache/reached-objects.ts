import type { DeepReadonly, KubernetesObject } from '@fairway/protocol';
import { keyOf } from './object-key.ts';
import { Waiters } from './waiters.ts';

/** What has become of objects of a cache, for those who wait until it knows of what they did. */
export class ReachedObjects<T extends KubernetesObject> {
  readonly #find: (key: string) => DeepReadonly<T> | undefined;
  readonly #waiting = new Map<string, Waiters>();
  #end: Error | undefined;

  /** `find` answers what the cache holds. */
  constructor(find: (key: string) => DeepReadonly<T> | undefined) {
    this.#find = find;
  }

  /** Something has become of the object of a key. */
  look(key: string): void {
    this.#waiting.get(key)?.look();
  }

  /** No more will come. */
  end(reason: Error): void {
    this.#end = reason;
    for (const waiters of this.#waiting.values()) waiters.end(reason);
  }

  /**
   * Resolves when what the cache holds of an object is as wanted; it holds nothing of one that is gone or
   * whose name another one has.
   *
   * Errors: the reason of the signal or of the end.
   */
  async wait(
    object: DeepReadonly<KubernetesObject>,
    isWanted: (held: DeepReadonly<T> | undefined) => boolean,
    signal?: AbortSignal,
  ): Promise<void> {
    const key = keyOf(object);
    const waiters = this.#waiting.get(key) ?? new Waiters();
    if (this.#end !== undefined) waiters.end(this.#end);
    this.#waiting.set(key, waiters);
    const isReached = (): boolean => {
      const held = this.#find(key);
      return isWanted(held?.metadata?.uid === object.metadata?.uid ? held : undefined);
    };
    try {
      await waiters.wait(isReached, signal);
    } finally {
      if (waiters.isEmpty) this.#waiting.delete(key);
    }
  }
}
