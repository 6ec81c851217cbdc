import type { Logger } from '@fairway/host';
import type { APIService } from '@fairway/kinds/apiregistration/v1';
import { type Handler, equalsJson } from '@fairway/protocol';
import { callApi, unless, unlessOvertaken } from '../calls/call-api.ts';
import type { AggregatedApis } from '../registry/aggregated-api.ts';
import { type ApiServices, groupVersionOf, nameOf } from '../registry/api-services.ts';
import type { ResourceRegistry } from '../registry/resource-registry.ts';
import { automanagedLabel, localApiServices } from './local-api-services.ts';

export interface LocalRegistrationParts {
  /** The API itself, for a caller who may do everything. */
  readonly handler: Handler;
  readonly registry: ResourceRegistry;
  readonly apiServices: ApiServices;
  readonly aggregatedApis: AggregatedApis;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

const collection = '/apis/apiregistration.k8s.io/v1/apiservices';

/**
 * Keeps an APIService for each version of a group that this server answers itself. Those of built-in groups
 * are made and mended at a start, so that somebody may take one away while the server runs; those of
 * definitions come and go with them. What bears no label of a server is never touched.
 *
 * Source: kube-aggregator, autoregister.
 */
export class LocalRegistration {
  readonly #parts: LocalRegistrationParts;
  #running: Promise<void> | undefined;
  #isWanted = false;

  constructor(parts: LocalRegistrationParts) {
    this.#parts = parts;
  }

  /** Errors: what the API answers; a cluster without its APIServices would not be one. */
  async start(): Promise<void> {
    const wanted = this.#wanted();
    const gone = this.#parts.apiServices.all.filter(
      (each) => managedBy(each) !== undefined && !wanted.has(nameOf(each)),
    );
    await Promise.all([
      ...gone.map((each) => this.#remove(each)),
      ...[...wanted.values()].map((each) => this.#ensure(each)),
    ]);
  }

  /** What is defined, or is there of APIServices, may be another than before. */
  changed(): void {
    this.#isWanted = true;
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
  }

  /** Resolves when nothing is being written any more. */
  async settled(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    const { logger, signal } = this.#parts;
    // Definitions come by the dozen: one look for all of a turn.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#isWanted && !signal.aborted) {
      this.#isWanted = false;
      try {
        await this.#keepDefined();
      } catch (error) {
        if (!signal.aborted) logger.warn('an APIService could not be registered', { error });
      }
    }
  }

  async #keepDefined(): Promise<void> {
    const wanted = this.#wanted();
    for (const each of wanted.values()) {
      if (managedBy(each) === 'true') await this.#ensure(each);
    }
    for (const each of this.#parts.apiServices.all) {
      if (managedBy(each) === 'true' && !wanted.has(nameOf(each))) await this.#remove(each);
    }
  }

  #wanted(): ReadonlyMap<string, APIService> {
    return localApiServices(this.#parts.registry, this.#parts.aggregatedApis.components);
  }

  async #ensure(wanted: APIService): Promise<void> {
    const { handler, apiServices } = this.#parts;
    const known = apiServices.find(groupVersionOf(wanted));
    if (known === undefined) {
      await unless('AlreadyExists', callApi(handler, 'POST', collection, wanted));
      return;
    }
    const { spec } = wanted;
    if (managedBy(known) === undefined || equalsJson(known.spec, spec)) return;
    await unlessOvertaken(callApi(handler, 'PUT', pathOf(known), { ...known, spec } as APIService));
  }

  async #remove(known: APIService): Promise<void> {
    await unlessOvertaken(callApi(this.#parts.handler, 'DELETE', pathOf(known)));
  }
}

function managedBy({ metadata }: APIService): string | undefined {
  return metadata?.labels?.[automanagedLabel];
}

function pathOf(service: APIService): string {
  return `${collection}/${nameOf(service)}`;
}
