import type { Client, DiscoveredResource } from '@fairway/client';
import type { Logger } from '@fairway/host';
import type { OwnerGraph } from './owner-graph.ts';

/** Events are about objects and have no owners; they would only come and go. */
const ignored: ReadonlySet<string> = new Set(['/events', 'events.k8s.io/events']);

/** How long the objects of a resource are waited for. */
const syncMsMax = 30_000;

/** Follows the metadata of every object there is into a graph of owners. */
export class FollowedObjects {
  readonly #client: Client;
  readonly #graph: OwnerGraph;
  readonly #logger: Logger;
  readonly #signal: AbortSignal;
  readonly #followed = new Map<string, { stop(): void; isSynced: boolean }>();
  readonly #synced = Promise.withResolvers<void>();

  constructor(parts: {
    readonly client: Client;
    readonly graph: OwnerGraph;
    readonly logger: Logger;
    readonly signal: AbortSignal;
  }) {
    this.#client = parts.client;
    this.#graph = parts.graph;
    this.#logger = parts.logger;
    this.#signal = parts.signal;
  }

  /** Resolves when everything that was served first has come. */
  get synced(): Promise<void> {
    return this.#synced.promise;
  }

  /** False while objects of a resource are still coming: something may have unknown dependents. */
  get isSynced(): boolean {
    return [...this.#followed.values()].every(({ isSynced }) => isSynced);
  }

  /** Follows these resources from now on, and no others. */
  setResources(resources: readonly DiscoveredResource[]): void {
    // What was asked for before the end may be answered after it.
    if (this.#signal.aborted) return;
    const wanted = new Map(
      resources.filter(canBeFollowed).map((each) => [`${each.version}/${nameOf(each)}`, each]),
    );
    for (const [key, { stop }] of this.#followed) {
      if (wanted.has(key)) continue;
      this.#followed.delete(key);
      stop();
    }
    for (const [key, resource] of wanted) {
      if (!this.#followed.has(key)) this.#followed.set(key, this.#follow(resource));
    }
    this.#report();
  }

  #follow(resource: DiscoveredResource): { stop(): void; isSynced: boolean } {
    const stopping = new AbortController();
    const signal = AbortSignal.any([this.#signal, stopping.signal]);
    const followed = { stop: () => stopping.abort(), isSynced: false };
    const setSynced = (): void => {
      late.cancel();
      followed.isSynced = true;
      this.#report();
    };
    // One resource that cannot be listed must not keep all others from being collected.
    const late = this.#client.clock.schedule(syncMsMax, () => {
      this.#logger.warn('collecting garbage without knowing all', { resource: nameOf(resource) });
      setSynced();
    });
    signal.addEventListener('abort', () => late.cancel(), { once: true });
    void this.#run(resource, signal, setSynced);
    return followed;
  }

  async #run(
    resource: DiscoveredResource,
    signal: AbortSignal,
    onSynced: () => void,
  ): Promise<void> {
    const held = new Set<string>();
    let unconfirmed = new Set<string>();
    const options = { allNamespaces: true, as: 'metadata', signal, logger: this.#logger } as const;
    for await (const batch of this.#client.reflect(resource, options).batches()) {
      for (const event of batch) {
        if (event.type === 'Init') unconfirmed = new Set(held);
        else if (event.type === 'InitDone') {
          for (const uid of unconfirmed) this.#forget(held, uid);
          unconfirmed.clear();
          onSynced();
        } else {
          const { uid = '' } = event.object.metadata;
          unconfirmed.delete(uid);
          if (event.type === 'Delete') this.#forget(held, uid);
          else {
            held.add(uid);
            this.#graph.observe(resource, event.object);
          }
        }
      }
    }
    // The resource is served no longer; its objects went with it.
    if (!this.#signal.aborted) for (const uid of held) this.#graph.remove(uid);
  }

  #forget(held: Set<string>, uid: string): void {
    held.delete(uid);
    this.#graph.remove(uid);
  }

  #report(): void {
    if (this.#followed.size > 0 && this.isSynced) this.#synced.resolve();
  }
}

function canBeFollowed(resource: DiscoveredResource): boolean {
  const { verbs } = resource;
  const isCollectable = ['delete', 'list', 'watch'].every((verb) => verbs.includes(verb));
  return isCollectable && !ignored.has(nameOf(resource));
}

function nameOf({ group, plural }: DiscoveredResource): string {
  return `${group}/${plural}`;
}
