import type { KubernetesObject } from '@fairway/protocol';
import type { Store } from '@fairway/store';
import { collectionRange, storageKey } from '../storage/storage-key.ts';
import type { StoredFacts } from './stored-facts.ts';
import type { ResourceRegistry } from '../registry/resource-registry.ts';

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
    const resource = this.#registry.builtInResource(group, plural);
    const page = await this.#store.list(collectionRange(resource, namespace));
    return page.entries.map((entry) => this.#facts.objectOf(entry) as T);
  }
}
