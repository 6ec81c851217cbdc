import type { KubernetesObject } from '@fairway/protocol';
import type { Store, StoreEntry } from '@fairway/store';
import { decodeStored } from '../storage/object-bytes.ts';
import { collectionRange, storageKey } from '../storage/storage-key.ts';
import type { StoredFacts } from './stored-facts.ts';
import type { ResourceRegistry } from '../registry/resource-registry.ts';

export interface StoredObject<T> {
  readonly object: T;
  readonly revision: number;
  readonly createRevision: number;
}

/** Looks up the built-in objects that decide about others. What it answers must not be changed. */
export class ClusterReader {
  readonly #store: Store;
  readonly #registry: ResourceRegistry;
  readonly #facts: StoredFacts;

  constructor(parts: { store: Store; registry: ResourceRegistry; facts: StoredFacts }) {
    this.#store = parts.store;
    this.#registry = parts.registry;
    this.#facts = parts.facts;
  }

  async find<T extends KubernetesObject>(
    group: string,
    plural: string,
    { namespace = '', name }: { readonly namespace?: string; readonly name: string },
  ): Promise<T | undefined> {
    const resource = this.#registry.builtInResource(group, plural);
    const entry = await this.#store.get(storageKey(resource, namespace, name));
    return entry === undefined ? undefined : (this.#facts.objectOf(entry) as T);
  }

  /** Those of one namespace, or of all when it is left out. */
  async all<T extends KubernetesObject>(
    group: string,
    plural: string,
    namespace = '',
  ): Promise<readonly T[]> {
    const entries = await this.#entries(group, plural, namespace);
    return entries.map((entry) => this.#facts.objectOf(entry) as T);
  }

  /** The same, each with the revisions by which it was created and last written. */
  async allStored<T extends KubernetesObject>(
    group: string,
    plural: string,
    namespace = '',
  ): Promise<readonly StoredObject<T>[]> {
    const entries = await this.#entries(group, plural, namespace);
    return entries.map((entry) => {
      const { revision, createRevision } = entry;
      return { object: this.#facts.objectOf(entry) as T, revision, createRevision };
    });
  }

  /** Those of one namespace, for who takes turns over many: each is decoded when it is called for. */
  async undecoded<T extends KubernetesObject>(
    group: string,
    plural: string,
    namespace: string,
  ): Promise<readonly (() => T)[]> {
    const entries = await this.#entries(group, plural, namespace);
    return entries.map((entry) => () => decodeStored(entry.value) as T);
  }

  async #entries(group: string, plural: string, namespace: string): Promise<readonly StoreEntry[]> {
    const resource = this.#registry.builtInResource(group, plural);
    return (await this.#store.list(collectionRange(resource, namespace))).entries;
  }
}
