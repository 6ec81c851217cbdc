import type { APIService } from '@fairway/kinds/apiregistration/v1';
import type { Store, StoreEntry } from '@fairway/store';
import { serviceOfSlice } from '../reads/service-slices.ts';
import type { StoredFacts } from '../reads/stored-facts.ts';
import { nameOf } from '../registry/api-services.ts';
import type { ResourceRegistry } from '../registry/resource-registry.ts';
import { type RangeFollower, followRange } from '../storage/follow-range.ts';
import { collectionRange } from '../storage/storage-key.ts';
import { WatchedExtension, type WatchedExtensionParts } from './watched-extension.ts';

export interface WatchedExtensionsParts extends WatchedExtensionParts {
  readonly store: Store;
  readonly registry: ResourceRegistry;
  readonly facts: StoredFacts;
  readonly signal: AbortSignal;
}

/**
 * Keeps the condition `Available` of APIServices that name a service: looks when the APIService, the service
 * or its endpoints change, and every half minute.
 */
export class WatchedExtensions {
  readonly #parts: WatchedExtensionsParts;
  readonly #watched = new Map<string, WatchedExtension>();
  /** Of those that are watched no more, what is under way. */
  readonly #leaving = new Set<Promise<void>>();
  #following: Promise<readonly Promise<void>[]> | undefined;

  constructor(parts: WatchedExtensionsParts) {
    this.#parts = parts;
  }

  put(service: APIService): void {
    const name = nameOf(service);
    const known = this.#watched.get(name);
    const watched = known ?? new WatchedExtension(this.#parts, service);
    this.#watched.set(name, watched);
    this.#following ??= this.#follow().catch((error: unknown) => {
      const { logger, signal } = this.#parts;
      if (!signal.aborted) logger.warn('services of API servers cannot be followed', { error });
      this.#following = undefined;
      return [];
    });
    if (known?.update(service) !== false) watched.look();
  }

  delete(name: string): void {
    const gone = this.#watched.get(name);
    if (gone === undefined) return;
    gone.end();
    this.#watched.delete(name);
    const left = gone.settled().finally(() => this.#leaving.delete(left));
    this.#leaving.add(left);
  }

  async settled(): Promise<void> {
    for (const each of this.#watched.values()) each.end();
    await Promise.all([...this.#watched.values()].map((each) => each.settled()));
    await Promise.all(this.#leaving);
    await Promise.all((await this.#following) ?? []);
  }

  /** From the first of them on: before, nobody needs to know. */
  async #follow(): Promise<readonly Promise<void>[]> {
    const { registry, facts } = this.#parts;
    const services = registry.builtInResource('', 'services');
    const slices = registry.builtInResource('discovery.k8s.io', 'endpointslices');
    const nameOfSlice = (entry: StoreEntry): string => serviceOfSlice(entry, facts) ?? '';
    const followed = await Promise.all([
      followRange(collectionRange(services, ''), this.#follower(nameOfService), this.#parts),
      followRange(collectionRange(slices, ''), this.#follower(nameOfSlice), this.#parts),
    ]);
    return followed.map(({ ended }) => ended);
  }

  #follower(nameOf: (entry: StoreEntry) => string): RangeFollower {
    const look = (entry: StoreEntry): void => {
      const changed = nameOf(entry);
      for (const each of this.#watched.values()) if (each.service === changed) each.look();
    };
    const lookAtAll = (): void => {
      for (const each of this.#watched.values()) each.look();
    };
    return { reset: lookAtAll, put: look, delete: look };
  }
}

/** Of `/registry/services/NAMESPACE/NAME` the end. */
function nameOfService({ key }: StoreEntry): string {
  return key.split('/').slice(-2).join('/');
}
