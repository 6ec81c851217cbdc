import type { AuthenticatedRequest } from '@fairway/access';
import type { Clock } from '@fairway/host';
import type { KeyRange, Store } from '@fairway/store';
import { collectionRange } from '../storage/storage-key.ts';
import type { ResourceRegistry } from '../registry/resource-registry.ts';

const bytesPerSeat = 100_000;
/** What one request is counted as at most. */
const seatsMax = 100;
/** Entries whose sizes stand for those of all. */
const sampledEntries = 8;
const keptMs = 10_000;
const collectionsMax = 1_024;

/** What is known of a collection. */
interface CollectionSize {
  readonly count: number;
  readonly entryBytes: number;
  readonly untilMs: number;
}

/**
 * How many seats a list, or a watch that begins with one, is counted as: one for each 100 kB that it
 * has. All other requests are one. A kube-apiserver stops at ten for what it has in memory; here one thread writes
 * all of it.
 *
 * Source: kube-apiserver, the estimate of lists by size.
 */
export class ListSeats {
  readonly #store: Store;
  readonly #registry: ResourceRegistry;
  readonly #clock: Clock;
  readonly #sizes = new Map<string, CollectionSize>();

  constructor(parts: {
    readonly store: Store;
    readonly registry: ResourceRegistry;
    readonly clock: Clock;
  }) {
    this.#store = parts.store;
    this.#registry = parts.registry;
    this.#clock = parts.clock;
  }

  /** Answers at once unless the collection has to be looked at. */
  seatsOf(request: AuthenticatedRequest): number | Promise<number> {
    const range = this.#listedRange(request);
    if (range === undefined) return 1;
    const known = this.#sizes.get(range.start);
    if (known !== undefined && known.untilMs > this.#clock.elapsed()) {
      return seatsFor(known, request.query);
    }
    return this.#measure(range).then(
      (size) => seatsFor(size, request.query),
      // Whoever answers the list says what is wrong with the store.
      () => 1,
    );
  }

  #listedRange({ target, query }: AuthenticatedRequest): KeyRange | undefined {
    if (!target.isResource || target.name !== '' || target.subresource !== '') return undefined;
    if (target.verb !== 'list' && target.verb !== 'watch') return undefined;
    if (target.verb === 'watch' && !beginsWithList(query)) return undefined;
    const resource = this.#registry.find(target.group, target.version, target.plural);
    return resource && collectionRange(resource, target.namespace);
  }

  async #measure(range: KeyRange): Promise<CollectionSize> {
    const { count, entries } = await this.#store.list(range, { limit: sampledEntries });
    const sampledBytes = entries.reduce((sum, { value }) => sum + value.length, 0);
    const size = {
      count,
      entryBytes: sampledBytes / Math.max(1, entries.length),
      untilMs: this.#clock.elapsed() + keptMs,
    };
    if (this.#sizes.size >= collectionsMax) this.#sizes.clear();
    this.#sizes.set(range.start, size);
    return size;
  }
}

function beginsWithList(query: string): boolean {
  const asked = new URLSearchParams(query);
  const version = asked.get('resourceVersion') ?? '';
  const wish = asked.get('sendInitialEvents');
  return wish === 'true' || wish === '1' || version === '' || version === '0';
}

function seatsFor({ count, entryBytes }: CollectionSize, query: string): number {
  const limit = query.includes('limit=') ? Number(new URLSearchParams(query).get('limit')) : 0;
  const entries = limit > 0 ? Math.min(limit, count) : count;
  return Math.min(seatsMax, Math.max(1, Math.ceil((entries * entryBytes) / bytesPerSeat)));
}
