import type { Clock, Logger } from '@fairway/host';
import type { EndpointSlice } from '@fairway/kinds/discovery/v1';
import type { Store, StoreEntry } from '@fairway/store';
import type { ResourceRegistry } from '../registry/resource-registry.ts';
import type { EntryIndex } from '../storage/followed-index.ts';
import { IndexWhenAsked } from '../storage/index-when-asked.ts';
import { collectionRange } from '../storage/storage-key.ts';
import type { StoredFacts } from './stored-facts.ts';

export interface ServiceSlicesOptions {
  readonly store: Store;
  readonly registry: ResourceRegistry;
  readonly facts: StoredFacts;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Knows the endpoint slices of each service, from the first question on. */
export class ServiceSlices {
  readonly #facts: StoredFacts;
  readonly #slices: IndexWhenAsked<SlicesByService>;

  constructor(options: ServiceSlicesOptions) {
    const { registry, facts } = options;
    const resource = registry.builtInResource('discovery.k8s.io', 'endpointslices');
    this.#facts = facts;
    this.#slices = new IndexWhenAsked(
      collectionRange(resource, ''),
      () => new SlicesByService(facts),
      options,
    );
  }

  /** What is answered must not be changed. */
  async of(of: {
    readonly namespace: string;
    readonly service: string;
  }): Promise<readonly EndpointSlice[]> {
    const index = await this.#slices.current();
    const entries = index.entriesOf(`${of.namespace}/${of.service}`);
    return entries.map((entry) => this.#facts.objectOf(entry) as EndpointSlice);
  }

  /** Resolves when it follows no more. */
  ended(): Promise<void> {
    return this.#slices.ended();
  }
}

/** `NAMESPACE/NAME` of the service that a slice, stored at `…/NAMESPACE/SLICE`, says it is of. */
export function serviceOfSlice(entry: StoreEntry, facts: StoredFacts): string | undefined {
  const name = facts.labelsOf(entry)['kubernetes.io/service-name'];
  return name === undefined ? undefined : `${entry.key.split('/').at(-2)}/${name}`;
}

class SlicesByService implements EntryIndex {
  readonly #facts: StoredFacts;
  readonly #byService = new Map<string, Map<string, StoreEntry>>();
  readonly #services = new Map<string, string>();

  constructor(facts: StoredFacts) {
    this.#facts = facts;
  }

  entriesOf(service: string): readonly StoreEntry[] {
    return [...(this.#byService.get(service)?.values() ?? [])];
  }

  put(entry: StoreEntry): void {
    this.delete(entry);
    const service = serviceOfSlice(entry, this.#facts);
    if (service === undefined) return;
    const slices = this.#byService.get(service) ?? new Map<string, StoreEntry>();
    this.#byService.set(service, slices.set(entry.key, entry));
    this.#services.set(entry.key, service);
  }

  delete({ key }: Pick<StoreEntry, 'key'>): void {
    const service = this.#services.get(key);
    if (service === undefined) return;
    this.#services.delete(key);
    const slices = this.#byService.get(service);
    slices?.delete(key);
    if (slices?.size === 0) this.#byService.delete(service);
  }
}
