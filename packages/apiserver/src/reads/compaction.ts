import type { Clock } from '@fairway/host';
import { CompactedError, type Store } from '@fairway/store';

/** How often the past is closed; what is younger than that stays open. */
const compactionIntervalMs = 5 * 60_000;

/**
 * Closes the past to lists, as a kube-apiserver closes that of its etcd: every five minutes, what has been
 * overwritten for as long. So a list of many pages is of one moment for five to ten minutes, however
 * little happens meanwhile. Watches go on from older versions as long as the store remembers them, as they
 * do from a kube-apiserver's watch cache.
 *
 * Source: apiserver, `storage/etcd3/compact.go`.
 */
export class Compaction {
  readonly #store: Store;
  readonly #clock: Clock;
  #closedBefore = 0;

  /** `clock`: what is scheduled there ends with its owner. */
  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    this.#schedule(0);
  }

  /** Errors: `CompactedError` when the state at `revision` is closed. 0 is the present. */
  requireOpen(revision: number): void {
    if (revision > 0 && revision < this.#closedBefore)
      throw new CompactedError(revision, this.#closedBefore);
  }

  #schedule(revision: number): void {
    this.#clock.schedule(compactionIntervalMs, () => void this.#compact(revision));
  }

  async #compact(revision: number): Promise<void> {
    this.#closedBefore = revision;
    // A store that is closed or failing has other ways to tell.
    this.#schedule(await this.#store.currentRevision().catch(() => revision));
  }
}
