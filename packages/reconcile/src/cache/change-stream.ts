import type { KubernetesObject } from '@fairway/protocol';
import { keyOf } from './object-key.ts';
import type { Change } from './object-cache.ts';

/** Changes one by one, at the pace of who takes them. */
export interface ChangeStream<T extends KubernetesObject> extends AsyncIterable<Change<T>> {
  /** Resolves when all that existed at the beginning has been taken; rejects when that cannot be. */
  readonly synced: Promise<void>;
}

/** Beyond this, changes of an object that is waiting already are merged into one. */
const waitingMax = 1_024;

/**
 * Changes that wait to be taken.
 *
 * The order of the changes of an object is kept. Who takes them slowly sees fewer states in between,
 * so that no more than one change for each object waits beyond the first thousand.
 */
export class ChangeBuffer<T extends KubernetesObject> {
  /** Undefined: merged away. */
  #waiting: (Change<T> | Sync | undefined)[] = [];
  #taken = 0;
  /** Where the last change of an object waits. */
  readonly #places = new Map<string, number>();
  #wake: () => void = () => {};
  #end: { readonly error?: unknown } | undefined;
  readonly #synced = Promise.withResolvers<void>();

  constructor() {
    // A caller that does not await it must not get an unhandled rejection.
    this.#synced.promise.catch(() => undefined);
  }

  get synced(): Promise<void> {
    return this.#synced.promise;
  }

  push(change: Change<T>): void {
    const key = keyOf(change.object);
    const place = this.#places.get(key);
    const isCrowded = this.#waiting.length - this.#taken >= waitingMax;
    const before = place === undefined || !isCrowded ? undefined : this.#waiting[place];
    if (place !== undefined && before !== undefined && before !== sync) {
      const merged = merge(before, change);
      this.#waiting[place] = merged;
      if (merged === undefined) this.#places.delete(key);
    } else {
      this.#places.set(key, this.#waiting.length);
      this.#waiting.push(change);
    }
    this.#wake();
  }

  /** Everything that existed at the beginning has been pushed. */
  pushSynced(): void {
    this.#waiting.push(sync);
    this.#wake();
  }

  /** Ends the stream after what is waiting; with an error, that is thrown. */
  end(end: { readonly error?: unknown } = {}): void {
    this.#end ??= end;
    this.#wake();
  }

  async *take(signal: AbortSignal): AsyncGenerator<Change<T>, void, undefined> {
    const onAbort = (): void => this.#wake();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      while (!signal.aborted) {
        if (this.#taken === this.#waiting.length) {
          if (this.#end !== undefined) break;
          await new Promise<void>((resolve) => (this.#wake = resolve));
          continue;
        }
        const next = this.#takeNext();
        if (next === sync) this.#synced.resolve();
        else if (next !== undefined) yield next;
      }
      if (this.#end !== undefined && 'error' in this.#end) throw this.#end.error;
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#synced.reject(new Error('the changes ended before the first state was complete'));
    }
  }

  #takeNext(): Change<T> | Sync | undefined {
    const place = this.#taken++;
    const next = this.#waiting[place];
    if (next !== undefined && next !== sync) {
      const key = keyOf(next.object);
      if (this.#places.get(key) === place) this.#places.delete(key);
    }
    if (this.#taken === this.#waiting.length) {
      this.#waiting = [];
      this.#taken = 0;
    } else this.#waiting[place] = undefined;
    return next;
  }
}

const sync = Symbol('everything has come that existed at the beginning');
type Sync = typeof sync;

/** One change with the outcome of two; undefined when nothing has come of them. */
function merge<T extends KubernetesObject>(
  first: Change<T>,
  second: Change<T>,
): Change<T> | undefined {
  if (first.type === 'added') {
    return second.type === 'deleted' ? undefined : { type: 'added', object: second.object };
  }
  if (second.type === 'deleted') return second;
  const old = first.type === 'updated' ? first.old : first.object;
  return { type: 'updated', object: second.object, ...(old === undefined ? {} : { old }) };
}
