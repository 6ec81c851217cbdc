import type { Client, Form, InForm, ReflectEvent, SelectOptions } from '@fairway/client';
import { type Logger, silentLogger } from '@fairway/host';
import type {
  CompleteDraft,
  DeepReadonly,
  KubernetesObject,
  ResourceDescriptor,
} from '@fairway/protocol';
import { ChangeBuffer, type ChangeStream } from './change-stream.ts';
import { keyOf } from './object-key.ts';
import { ReachedObjects } from './reached-objects.ts';
import { ReachedVersion } from './reached-version.ts';
import { ValuePool } from './value-pool.ts';
import { type Change, type IndexBy, ObjectCache } from './object-cache.ts';

/** What to keep of a collection, and how to find it. */
export interface CacheOptions<
  T extends KubernetesObject,
  Kept extends KubernetesObject = T,
> extends SelectOptions {
  /**
   * Makes what is stored out of what came; less of it takes less memory. Must keep the name, the
   * namespace, the uid and the resourceVersion, and may change the object that it is given.
   */
  readonly keep?: (object: CompleteDraft<T>) => Kept;
  /** Ways to find objects beside their key. */
  readonly index?: Readonly<Record<string, IndexBy<Kept>>>;
}

export interface InformerOptions<
  T extends KubernetesObject,
  Kept extends KubernetesObject = T,
> extends CacheOptions<T, Kept> {
  /** Ends the informer; nothing else does. */
  readonly signal: AbortSignal;
  readonly logger?: Logger;
}

/** A copy of a collection that follows it. */
export interface Informer<T extends KubernetesObject> {
  readonly kind: ResourceDescriptor;
  /** Resolves when everything that existed has come. Rejects when the informer ends before. */
  readonly synced: Promise<void>;
  readonly isSynced: boolean;
  /** Resolves when the informer has ended; rejects when a subscriber threw. */
  readonly ended: Promise<void>;
  readonly size: number;
  /** Up to where the cache has everything; `0` before it has anything. */
  readonly resourceVersion: string;
  /**
   * Resolves when the cache is as far as an object that a write has answered: it reads what was written.
   * One that the selectors leave out may never come.
   *
   * Errors: the reason of the signal; when the informer ends before; `RangeError` for an object that has no
   * `resourceVersion`, as one that was not answered.
   */
  reached(
    written: DeepReadonly<KubernetesObject>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<void>;
  /**
   * Resolves when the cache knows of the deletion of an object: it has been deleted, or is on its way.
   * Awaited after a deletion, the cache does not show the object as one that stays.
   *
   * Errors: as above.
   */
  deletionReached(
    object: DeepReadonly<KubernetesObject>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<void>;
  /**
   * Resolves when what the cache holds of an object is as wanted; undefined stands for one that is gone. For
   * writes whose answer has no version to wait for, as when a finalizer was the last thing that kept an object.
   *
   * Errors: as above.
   */
  objectReached(
    object: DeepReadonly<KubernetesObject>,
    isWanted: (held: DeepReadonly<T> | undefined) => boolean,
    options?: { readonly signal?: AbortSignal },
  ): Promise<void>;
  /** `key`: `shop/web-0`, or `node-7` without a namespace. */
  get(key: string): DeepReadonly<T> | undefined;
  keys(): IterableIterator<string>;
  objects(): IterableIterator<DeepReadonly<T>>;
  by(indexName: string, value: string): readonly DeepReadonly<T>[];
  addIndex(indexName: string, by: IndexBy<T>): void;
  /** What exists, as if it were added now, and every change from now on. */
  changes(options?: { readonly signal?: AbortSignal }): ChangeStream<T>;
  /**
   * Calls for what exists and for every change, at once and in order: for work that is done in a
   * moment, such as to put a key into a queue. What it throws ends the informer.
   */
  subscribe(onChange: (change: Change<T>) => void): () => void;
}

/** Follows a collection from now on until the signal aborts. */
export function createInformer<
  T extends KubernetesObject,
  F extends Exclude<Form, 'table'> = 'object',
  Kept extends KubernetesObject = InForm<T, F>,
>(
  client: Client,
  kind: ResourceDescriptor<T>,
  options: InformerOptions<InForm<T, F>, Kept> & { readonly as?: F },
): Informer<Kept> {
  return new RunningInformer<InForm<T, F>, Kept>(client, kind as ResourceDescriptor, options);
}

class RunningInformer<
  Raw extends KubernetesObject,
  T extends KubernetesObject,
> implements Informer<T> {
  readonly kind: ResourceDescriptor;
  readonly ended: Promise<void>;
  readonly #cache = new ObjectCache<T>();
  readonly #keep: (object: KubernetesObject) => T;
  readonly #pool = new ValuePool();
  readonly #subscribers = new Set<(change: Change<T>) => void>();
  readonly #streams = new Set<ChangeBuffer<T>>();
  readonly #synced = Promise.withResolvers<void>();
  readonly #reached = new ReachedVersion();
  readonly #objects = new ReachedObjects<T>((key) => this.#cache.get(key));
  /** A list is being received: its objects are not in the order of versions. */
  #isListing = true;
  #isSynced = false;

  constructor(
    client: Client,
    kind: ResourceDescriptor,
    options: InformerOptions<Raw, T> & { readonly as?: Exclude<Form, 'table'> },
  ) {
    const { keep, index = {}, signal, logger = silentLogger, ...select } = options;
    this.kind = kind;
    this.#keep = (keep ?? ((object) => object)) as (object: KubernetesObject) => T;
    for (const [name, by] of Object.entries(index)) this.#cache.addIndex(name, by);
    // A caller that does not await it must not get an unhandled rejection.
    this.#synced.promise.catch(() => undefined);
    const reflection = client.reflect(kind, { ...select, signal, logger });
    this.ended = this.#run(reflection.batches() as AsyncIterable<readonly ReflectEvent<Raw>[]>);
  }

  get synced(): Promise<void> {
    return this.#synced.promise;
  }

  get isSynced(): boolean {
    return this.#isSynced;
  }

  get size(): number {
    return this.#cache.size;
  }

  get resourceVersion(): string {
    return this.#reached.current;
  }

  reached(
    { metadata }: DeepReadonly<KubernetesObject>,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<void> {
    return this.#reached.wait(metadata?.resourceVersion ?? '', signal);
  }

  deletionReached(
    object: DeepReadonly<KubernetesObject>,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<void> {
    return this.#objects.wait(
      object,
      (held) => held === undefined || held.metadata?.deletionTimestamp !== undefined,
      signal,
    );
  }

  objectReached(
    object: DeepReadonly<KubernetesObject>,
    isWanted: (held: DeepReadonly<T> | undefined) => boolean,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<void> {
    return this.#objects.wait(object, isWanted, signal);
  }

  get(key: string): DeepReadonly<T> | undefined {
    return this.#cache.get(key);
  }

  keys(): IterableIterator<string> {
    return this.#cache.keys();
  }

  objects(): IterableIterator<DeepReadonly<T>> {
    return this.#cache.objects();
  }

  by(indexName: string, value: string): readonly DeepReadonly<T>[] {
    return this.#cache.by(indexName, value);
  }

  addIndex(indexName: string, by: IndexBy<T>): void {
    this.#cache.addIndex(indexName, by);
  }

  changes({ signal = new AbortController().signal } = {}): ChangeStream<T> {
    const buffer = new ChangeBuffer<T>();
    for (const object of this.#cache.objects()) buffer.push({ type: 'added', object });
    if (this.#isSynced) buffer.pushSynced();
    this.#streams.add(buffer);
    const forget = (): boolean => this.#streams.delete(buffer);
    return {
      synced: buffer.synced,
      async *[Symbol.asyncIterator]() {
        try {
          yield* buffer.take(signal);
        } finally {
          forget();
        }
      },
    };
  }

  subscribe(onChange: (change: Change<T>) => void): () => void {
    for (const object of this.#cache.objects()) onChange({ type: 'added', object });
    this.#subscribers.add(onChange);
    return () => void this.#subscribers.delete(onChange);
  }

  async #run(batches: AsyncIterable<readonly ReflectEvent<Raw>[]>): Promise<void> {
    try {
      for await (const batch of batches) for (const event of batch) this.#take(event);
      this.#finish({});
    } catch (error) {
      this.#finish({ error });
      throw error;
    }
  }

  #take(event: ReflectEvent<Raw>): void {
    for (const change of this.#cache.apply(this.#kept(event))) {
      for (const onChange of this.#subscribers) onChange(change);
      for (const stream of this.#streams) stream.push(change);
      this.#objects.look(keyOf(change.object));
    }
    this.#advance(event);
    if (event.type !== 'InitDone' || this.#isSynced) return;
    this.#isSynced = true;
    this.#synced.resolve();
    for (const stream of this.#streams) stream.pushSynced();
  }

  // Called after the cache has the object and subscribers have been called.
  #advance(event: ReflectEvent<Raw>): void {
    if (event.type === 'Init') this.#isListing = true;
    else if (event.type === 'InitDone') {
      this.#isListing = false;
      this.#reached.advance(event.resourceVersion);
    } else if (!this.#isListing) {
      this.#reached.advance(event.object.metadata?.resourceVersion ?? '');
    }
  }

  #kept(event: ReflectEvent<Raw>): ReflectEvent<T> {
    if (!('object' in event)) return event;
    const object = this.#keep(event.object);
    if (event.type !== 'Delete') this.#pool.intern(object);
    return { type: event.type, object };
  }

  #finish(end: { readonly error?: unknown }): void {
    for (const stream of this.#streams) stream.end(end);
    const over = new Error(`the informer of ${this.kind.plural} ended before it had everything`);
    this.#synced.reject(over);
    this.#reached.end(over);
    this.#objects.end(over);
  }
}
