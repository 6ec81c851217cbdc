import type { DeepReadonly, KubernetesObject } from '@fairway/protocol';
import { keyOf } from './object-key.ts';
import { Waiters } from './waiters.ts';

/** Deletions that a cache has followed, for those who wait until it knows of theirs. */
export class ReachedDeletions {
  readonly #find: (key: string) => DeepReadonly<KubernetesObject> | undefined;
  readonly #waiting = new Map<string, Waiters>();
  #end: Error | undefined;

  /** `find` answers what the cache holds. */
  constructor(find: (key: string) => DeepReadonly<KubernetesObject> | undefined) {
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
   * Resolves when the cache does not hold an object any more, or holds it as one that is being deleted.
   *
   * Errors: the reason of the signal or of the end.
   */
  async wait(object: DeepReadonly<KubernetesObject>, signal?: AbortSignal): Promise<void> {
    const key = keyOf(object);
    const waiters = this.#waiting.get(key) ?? new Waiters();
    if (this.#end !== undefined) waiters.end(this.#end);
    this.#waiting.set(key, waiters);
    const isReached = (): boolean => {
      const held = this.#find(key)?.metadata;
      return held?.uid !== object.metadata?.uid || held?.deletionTimestamp !== undefined;
    };
    try {
      await waiters.wait(isReached, signal);
    } finally {
      if (waiters.isEmpty) this.#waiting.delete(key);
    }
  }
}
