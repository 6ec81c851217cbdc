import { type Clock, type Logger, type Timer, messageOf, timeLimit } from '@fairway/host';
import type { APIService } from '@fairway/kinds/apiregistration/v1';
import { equalsJson } from '@fairway/protocol';
import type { Store, StoreEntry } from '@fairway/store';
import type { AggregatedApis, ToldVersion } from '../registry/aggregated-api.ts';
import { groupVersionOf, nameOf } from '../registry/api-services.ts';
import type { ResourceRegistry } from '../registry/resource-registry.ts';
import type { StoredFacts } from '../reads/stored-facts.ts';
import { type RangeFollower, followRange } from '../storage/follow-range.ts';
import { collectionRange } from '../storage/storage-key.ts';
import { type AvailabilityWriter, conditionOf } from './availability-writer.ts';
import { type ExtensionParts, namedService } from './extension-ways.ts';
import { type ToldResources, askForOpenApi, askForResources } from './extension-discovery.ts';
import { judgeAvailability } from './judge-availability.ts';

export interface WatchedExtensionsParts extends ExtensionParts {
  readonly store: Store;
  readonly registry: ResourceRegistry;
  readonly facts: StoredFacts;
  readonly aggregatedApis: AggregatedApis;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly writer: AvailabilityWriter;
}

/** How often each server is looked at when nothing has changed. */
const lookAgainMs = 30_000;
/** After a server did not answer; doubled each time, up to the above. */
const retryMs = 250;
/** For all documents together. */
const discoveryTimeoutMs = 5_000;

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
    const nameOfSlice = (entry: StoreEntry): string =>
      `${namespaceOf(entry)}/${facts.labelsOf(entry)['kubernetes.io/service-name'] ?? ''}`;
    const nameOfService = (entry: StoreEntry): string =>
      `${namespaceOf(entry)}/${entry.key.split('/').at(-1) ?? ''}`;
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

/** `/registry/services/NAMESPACE/NAME` */
function namespaceOf({ key }: StoreEntry): string {
  return key.split('/').at(-2) ?? '';
}

/** One server, of which one look is taken at a time. */
class WatchedExtension {
  readonly #parts: WatchedExtensionsParts;
  #apiService: APIService;
  #running: Promise<void> | undefined;
  #isWanted = false;
  readonly #ending = new AbortController();
  #timer: Timer | undefined;
  #failures = 0;
  #told: ToldResources | undefined;
  #openApi: Awaited<ReturnType<typeof askForOpenApi>> | undefined;

  constructor(parts: WatchedExtensionsParts, apiService: APIService) {
    this.#parts = parts;
    this.#apiService = apiService;
  }

  /** `NAMESPACE/NAME` */
  get service(): string {
    const { namespace, name } = namedService(this.#apiService.spec?.service);
    return `${namespace}/${name}`;
  }

  /** Whether what counts has changed: another server may be meant, or nothing is said of it any more. */
  update(apiService: APIService): boolean {
    const before = this.#apiService;
    this.#apiService = apiService;
    return (
      !equalsJson(before.spec, apiService.spec) ||
      before.metadata?.uid !== apiService.metadata?.uid ||
      conditionOf(apiService) === undefined
    );
  }

  get #isOver(): boolean {
    return this.#ending.signal.aborted;
  }

  look(): void {
    this.#isWanted = true;
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
  }

  end(): void {
    this.#ending.abort();
    this.#timer?.cancel();
  }

  async settled(): Promise<void> {
    await this.#running;
  }

  /** What it has said before stays known, as stale, while it does not say it again. */
  async #discover(isAvailable: boolean): Promise<void> {
    const { aggregatedApis, clock, logger } = this.#parts;
    const { group, version } = groupVersionOf(this.#apiService);
    const late = (): Error => new Error('context deadline exceeded');
    using limit = timeLimit(clock, discoveryTimeoutMs, { late, signal: this.#ending.signal });
    let freshness: ToldVersion['freshness'] = 'Stale';
    try {
      if (isAvailable) {
        const asked = { known: this.#told, signal: limit.signal };
        this.#told = await askForResources(this.#parts, this.#apiService, asked);
        freshness = 'Current';
        const known = this.#openApi?.index;
        this.#openApi = await askForOpenApi(this.#parts, this.#apiService, { ...asked, known });
      }
    } catch (error) {
      const reason = messageOf(limit.signal.aborted ? limit.signal.reason : error);
      if (this.#isOver) return;
      logger.warn('an API server does not say what it has', { group, version, reason });
    }
    if (this.#isOver) return;
    const hash = this.#openApi?.hash;
    aggregatedApis.tell(
      { group, version },
      {
        resources: this.#told?.resources ?? [],
        freshness,
        // Nobody can read it while the server is away.
        ...(freshness === 'Stale' || hash === undefined ? {} : { openApiHash: hash }),
      },
    );
  }

  async #run(): Promise<void> {
    const { clock, logger, writer } = this.#parts;
    this.#timer?.cancel();
    let isAnswering = false;
    // One look for all that changes in a turn.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#isWanted && !this.#isOver) {
      this.#isWanted = false;
      try {
        const judged = this.#apiService;
        const availability = await judgeAvailability(this.#parts, judged, this.#ending.signal);
        if (this.#isOver) return;
        isAnswering = availability.reason !== 'FailedDiscoveryCheck';
        this.#failures = isAnswering ? 0 : this.#failures + 1;
        if (equalsJson(judged.spec, this.#apiService.spec)) {
          // Who hears that it is available finds in discovery what it has.
          await this.#discover(availability.status === 'True');
          await writer.write(this.#apiService, availability);
        } else this.#isWanted = true;
      } catch (error) {
        const apiService = this.#apiService.metadata?.name;
        if (!this.#isOver)
          logger.warn('an API server could not be looked at', { apiService, error });
      }
    }
    if (this.#isOver) return;
    const pauseMs = isAnswering
      ? lookAgainMs
      : Math.min(retryMs * 2 ** (this.#failures - 1), lookAgainMs);
    this.#timer = clock.schedule(pauseMs, () => this.look());
  }
}
