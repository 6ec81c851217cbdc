import type { EntranceBackend, ServiceEntrance } from './service-entrance.ts';

/** Of clients that a service remembers; the one that came least recently is forgotten. */
export const clientsMax = 10_000;

export interface ChoiceDoors {
  readonly now: () => number;
  /** At least 0 and less than 1. */
  readonly random: () => number;
}

/**
 * Chooses a backend for each connection: by chance, and, where the service has affinity, the one that its client had.
 *
 * Source: Kubernetes documentation, "Virtual IPs and Service Proxies", session affinity.
 */
export class BackendChoice {
  readonly #doors: ChoiceDoors;
  readonly #clients = new Map<string, { readonly place: string; readonly untilMs: number }>();

  constructor(doors: ChoiceDoors) {
    this.#doors = doors;
  }

  /** Undefined: there is none but those that were tried. */
  choose(
    { affinitySeconds, backends }: Pick<ServiceEntrance, 'affinitySeconds' | 'backends'>,
    client: string,
    tried: ReadonlySet<EntranceBackend> = new Set(),
  ): EntranceBackend | undefined {
    const left = tried.size === 0 ? backends : backends.filter((each) => !tried.has(each));
    const chosen =
      (affinitySeconds === undefined ? undefined : this.#had(left, client)) ??
      left[Math.floor(this.#doors.random() * left.length)];
    if (affinitySeconds !== undefined && chosen !== undefined) {
      this.#remember(client, chosen, affinitySeconds);
    }
    return chosen;
  }

  #had(backends: readonly EntranceBackend[], client: string): EntranceBackend | undefined {
    const had = this.#clients.get(client);
    if (had === undefined || had.untilMs <= this.#doors.now()) return undefined;
    return backends.find((each) => placeOf(each) === had.place);
  }

  #remember(client: string, backend: EntranceBackend, seconds: number): void {
    this.#clients.delete(client);
    this.#clients.set(client, {
      place: placeOf(backend),
      untilMs: this.#doors.now() + seconds * 1000,
    });
    for (const oldest of this.#clients.keys()) {
      if (this.#clients.size <= clientsMax) break;
      this.#clients.delete(oldest);
    }
  }
}

export function placeOf({ address, port }: Pick<EntranceBackend, 'address' | 'port'>): string {
  return `${address} ${port}`;
}
