import { type Clock, type Logger, type Timer, messageOf } from '@fairway/host';
import type { APIService } from '@fairway/kinds/apiregistration/v1';
import { equalsJson } from '@fairway/protocol';
import type { AggregatedApis, ToldVersion } from '../registry/aggregated-api.ts';
import { groupVersionOf } from '../registry/api-services.ts';
import { askingLimit } from './aggregator-request.ts';
import { type AvailabilityWriter, conditionOf } from './availability-writer.ts';
import {
  type AskedOpenApi,
  type ToldResources,
  askForOpenApi,
  askForResources,
} from './extension-discovery.ts';
import { type ExtensionParts, namedService } from './extension-ways.ts';
import { judgeAvailability } from './judge-availability.ts';

export interface WatchedExtensionParts extends ExtensionParts {
  readonly aggregatedApis: AggregatedApis;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly writer: AvailabilityWriter;
}

/** How often each server is looked at when nothing has changed. */
const lookAgainMs = 30_000;
/** After a server did not answer; doubled each time, up to the above. */
const retryMs = 250;

/**
 * One server behind a service: whether it is available, and what it says that it has. One look is taken at a
 * time.
 */
export class WatchedExtension {
  readonly #parts: WatchedExtensionParts;
  #apiService: APIService;
  #running: Promise<void> | undefined;
  #isWanted = false;
  readonly #ending = new AbortController();
  #timer: Timer | undefined;
  #failures = 0;
  #told: ToldResources | undefined;
  #openApi: AskedOpenApi | undefined;

  constructor(parts: WatchedExtensionParts, apiService: APIService) {
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
    // For all documents together.
    using limit = askingLimit(clock, this.#ending.signal);
    let freshness: ToldVersion['freshness'] = 'Stale';
    try {
      if (isAvailable) {
        const asked = { known: this.#told, signal: limit.signal };
        this.#told = await askForResources(this.#parts, this.#apiService, asked);
        freshness = 'Current';
        const known = this.#openApi;
        this.#openApi = await askForOpenApi(this.#parts, this.#apiService, { ...asked, known });
      }
    } catch (error) {
      const reason = messageOf(limit.signal.aborted ? limit.signal.reason : error);
      if (this.#isOver) return;
      logger.warn('an API server does not say what it has', { group, version, reason });
    }
    if (this.#isOver) return;
    const openApi = this.#openApi?.told;
    aggregatedApis.tell(
      { group, version },
      {
        resources: this.#told?.resources ?? [],
        freshness,
        // Nobody can read it while the server is away.
        ...(freshness === 'Stale' || openApi === undefined ? {} : { openApi }),
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
