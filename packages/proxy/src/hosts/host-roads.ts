import type { Timer } from '@fairway/host';
import { type HttpRequest, apiError, onBodyEnd, onUpgradeEnd } from '@fairway/protocol';
import type { Proxy } from '../forwarding/forward-to-cluster.ts';
import type { HostRoad, HostedCluster } from './host-road.ts';
import { type HostedName, hostOf } from './hosted-name.ts';

/** How long a way is kept that nobody uses. */
const idleMs = 90_000;
/** Ways at a time that are used. */
const roadsMax = 256;

interface KeptRoad {
  readonly opening: Promise<HostRoad>;
  /** Requests and streams that use it. */
  users: number;
  idle: Timer | undefined;
}

/** The ways to what hosts stand for: each is found when somebody wants it, and kept while it is used. */
export class HostRoads implements AsyncDisposable {
  readonly #cluster: HostedCluster;
  readonly #limits: { readonly roadsMax: number };
  readonly #kept = new Map<string, KeptRoad>();

  constructor(cluster: HostedCluster, limits: { readonly roadsMax: number } = { roadsMax }) {
    this.#cluster = cluster;
    this.#limits = limits;
  }

  /** What answers for a name. Errors: `ApiError`, also where the name leads nowhere. */
  to(name: HostedName): Proxy {
    return {
      handler: (request) =>
        this.#use(name, request, async (road, onEnd) =>
          onBodyEnd(await road.handler(request), onEnd),
        ),
      upgradeHandler: (request) =>
        this.#use(name, request, async (road, onEnd) =>
          onUpgradeEnd(await road.upgradeHandler(request), onEnd),
        ),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.#kept.values()];
    this.#kept.clear();
    await Promise.all(all.map(close));
  }

  async #use<T>(
    name: HostedName,
    { signal }: Pick<HttpRequest, 'signal'>,
    ask: (road: HostRoad, onEnd: () => void) => Promise<T>,
  ): Promise<T> {
    const key = hostOf(name);
    const kept = this.#keptFor(key, name);
    kept.users += 1;
    kept.idle?.cancel();
    const onEnd = (): void => this.#release(key, kept);
    try {
      return await ask(await kept.opening, onEnd);
    } catch (error) {
      // Where the name leads may have changed, unless it was the caller who left. Who uses this way still may go on.
      if (!signal.aborted && this.#kept.get(key) === kept) this.#kept.delete(key);
      onEnd();
      throw error;
    }
  }

  #keptFor(key: string, name: HostedName): KeptRoad {
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    if (this.#kept.size >= this.#limits.roadsMax && !this.#leaveOneIdle()) {
      throw apiError(
        'TooManyRequests',
        `the proxy leads to ${this.#limits.roadsMax} services and pods already; try again when fewer are used`,
        { retryAfterSeconds: 1 },
        { headers: { 'retry-after': '1' } },
      );
    }
    const kept: KeptRoad = {
      opening: this.#open(name),
      users: 0,
      idle: undefined,
    };
    this.#kept.set(key, kept);
    return kept;
  }

  /** A proxy whose callers want the API alone starts without it. */
  async #open(name: HostedName): Promise<HostRoad> {
    const { openHostRoad } = await import('./host-road.ts');
    return openHostRoad(this.#cluster, name);
  }

  /** False when all are used. */
  #leaveOneIdle(): boolean {
    for (const [key, kept] of this.#kept) {
      if (kept.users > 0) continue;
      this.#kept.delete(key);
      void close(kept);
      return true;
    }
    return false;
  }

  #release(key: string, kept: KeptRoad): void {
    kept.users -= 1;
    if (kept.users > 0) return;
    if (this.#kept.get(key) !== kept) return void close(kept);
    kept.idle = this.#cluster.client.clock.schedule(idleMs, () => {
      this.#kept.delete(key);
      void close(kept);
    });
  }
}

async function close({ opening, idle }: KeptRoad): Promise<void> {
  idle?.cancel();
  const road = await opening.catch(() => {});
  await road?.close();
}
