import type { APIService } from '@fairway/kinds/apiregistration/v1';
import type { Handler } from '@fairway/protocol';
import type { Metrics } from '@fairway/serving/metrics';
import type { StoreEntry } from '@fairway/store';
import { type ApiServices, groupVersionOf, nameOf } from '../registry/api-services.ts';
import { type RangeFollower, followRange } from '../storage/follow-range.ts';
import { decodeStored } from '../storage/object-bytes.ts';
import { collectionRange } from '../storage/storage-key.ts';
import { ApiServiceMetrics } from './api-service-metrics.ts';
import { AvailabilityWriter, localAvailability } from './availability-writer.ts';
import type { extensionApi as extensionApiOf } from './extension-api.ts';
import { LocalRegistration } from './register-local-apis.ts';
import type { WatchedExtensions, WatchedExtensionsParts } from './watch-extensions.ts';

export interface AggregationParts extends Omit<WatchedExtensionsParts, 'writer'> {
  readonly apiServices: ApiServices;
  /** The API itself, for a caller who may do everything. */
  readonly handler: Handler;
  readonly metrics: Metrics;
}

/**
 * Goes by the APIServices of the cluster, and registers what this server answers itself. Resolves when all of
 * that is registered; `ended` after `signal` has aborted and the last write is done.
 */
export async function followApiServices(
  parts: AggregationParts,
): Promise<{ readonly ended: Promise<void> }> {
  const registration = new LocalRegistration(parts);
  const follower = new ApiServicesFollower(parts, registration);
  const resource = parts.registry.builtInResource('apiregistration.k8s.io', 'apiservices');
  const followed = await followRange(collectionRange(resource, ''), follower, parts);
  // Where it is switched off, nobody is told of APIServices.
  if (parts.registry.find('apiregistration.k8s.io', 'v1', 'apiservices') !== undefined) {
    await registration.start();
    parts.registry.onCustomChange(() => registration.changed());
  }
  return {
    ended: followed.ended.then(async () => {
      await registration.settled();
      await follower.settled();
    }),
  };
}

class ApiServicesFollower implements RangeFollower {
  readonly #parts: AggregationParts;
  readonly #registration: LocalRegistration;
  readonly #writer: AvailabilityWriter;
  readonly #metrics: ApiServiceMetrics;
  /** Loaded with the first APIService that names a service. */
  #extensions: Promise<Extensions> | undefined;

  constructor(parts: AggregationParts, registration: LocalRegistration) {
    this.#parts = parts;
    this.#registration = registration;
    this.#writer = new AvailabilityWriter(parts);
    this.#metrics = new ApiServiceMetrics(parts.metrics, parts.apiServices);
  }

  readonly reset = async (entries: readonly StoreEntry[]): Promise<void> => {
    const services = entries.map(decode);
    const names = new Set(services.map(nameOf));
    for (const known of this.#parts.apiServices.all) {
      if (!names.has(nameOf(known))) this.#forget(known);
    }
    for (const service of services) this.#take(service);
    // Whoever asks first finds all of them.
    await this.#extensions;
  };

  readonly put = (entry: StoreEntry): void => this.#take(decode(entry));

  readonly delete = (previous: StoreEntry): void => {
    this.#forget(decode(previous));
    this.#registration.changed();
  };

  async settled(): Promise<void> {
    const extensions = await this.#extensions;
    await extensions?.watched.settled();
    await this.#writer.settled();
  }

  #take(service: APIService): void {
    const { apiServices } = this.#parts;
    this.#metrics.changed(apiServices.find(groupVersionOf(service)), service);
    apiServices.put(service);
    if (service.spec?.service === undefined) {
      this.#forgetExtension(service);
      void this.#writer.write(service, localAvailability);
      return;
    }
    this.#extensions ??= this.#load();
    void this.#extensions.then(({ extensionApi, watched }) => {
      // What came meanwhile counts.
      if (apiServices.find(groupVersionOf(service)) !== service) return;
      this.#parts.aggregatedApis.put(extensionApi(this.#parts, service));
      watched.put(service);
    });
  }

  #forget(service: APIService): void {
    this.#parts.apiServices.delete(nameOf(service));
    this.#forgetExtension(service);
  }

  #forgetExtension(service: APIService): void {
    this.#parts.aggregatedApis.delete(groupVersionOf(service));
    void this.#extensions?.then(({ watched }) => {
      const now = this.#parts.apiServices.find(groupVersionOf(service));
      if (now?.spec?.service === undefined) watched.delete(nameOf(service));
    });
  }

  async #load(): Promise<Extensions> {
    const [{ extensionApi }, { WatchedExtensions }] = await Promise.all([
      import('./extension-api.ts'),
      import('./watch-extensions.ts'),
    ]);
    const watched = new WatchedExtensions({ ...this.#parts, writer: this.#writer });
    return { extensionApi, watched };
  }
}

interface Extensions {
  readonly extensionApi: typeof extensionApiOf;
  readonly watched: WatchedExtensions;
}

function decode(entry: StoreEntry): APIService {
  return decodeStored(entry.value) as APIService;
}
