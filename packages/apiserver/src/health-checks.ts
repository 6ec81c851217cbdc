import type { HealthCheck } from '@fairway/serving';
import type { Store } from '@fairway/store';

/** What `/livez` and `/readyz` ask. */
export class HealthChecks {
  readonly live: readonly HealthCheck[];
  readonly #store: Store;
  #ready: readonly HealthCheck[];

  constructor(store: Store) {
    this.#store = store;
    // The store does not count for liveness: a restart does not repair a disk. It may be asked for.
    this.live = [pingCheck, { ...storageCheck(store, 'etcd'), isAskedAlone: true }];
    this.#ready = this.live;
  }

  get ready(): readonly HealthCheck[] {
    return this.#ready;
  }

  /** The server has read what it needs: from now on it is ready while its store is well. */
  started(): void {
    this.#ready = [...this.#ready, storageCheck(this.#store, 'storage')];
  }

  /** The server will not answer for long: whoever asks whether it is ready looks for another one. */
  ending(): void {
    this.#ready = [...this.#ready, endingCheck];
  }
}

const pingCheck: HealthCheck = { name: 'ping', check: async () => undefined };

const endingCheck: HealthCheck = {
  name: 'shutdown',
  check: async () => 'process is shutting down',
};

/** `etcd` is the name by which clients know what keeps the objects. */
function storageCheck(store: Store, name: 'etcd' | 'storage'): HealthCheck {
  return { name, check: () => store.problem(), isToldToAll: true };
}
