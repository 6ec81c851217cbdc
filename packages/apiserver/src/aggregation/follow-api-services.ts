import type { Clock, Logger } from '@fairway/host';
import type { APIService } from '@fairway/kinds/apiregistration/v1';
import type { Handler } from '@fairway/protocol';
import type { Store, StoreEntry } from '@fairway/store';
import type { AggregatedApi } from '../registry/aggregated-api.ts';
import type { ApiServices } from '../registry/api-services.ts';
import type { ResourceRegistry } from '../registry/resource-registry.ts';
import { type RangeFollower, followRange } from '../storage/follow-range.ts';
import { decodeStored } from '../storage/object-bytes.ts';
import { collectionRange } from '../storage/storage-key.ts';
import { AvailabilityWriter, localAvailability } from './availability-writer.ts';
import { LocalRegistration } from './register-local-apis.ts';

export interface AggregationParts {
  readonly store: Store;
  readonly registry: ResourceRegistry;
  readonly apiServices: ApiServices;
  /** What components of this process answer. */
  readonly components: readonly AggregatedApi[];
  /** The API itself, for a caller who may do everything. */
  readonly handler: Handler;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
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
  readonly #apiServices: ApiServices;
  readonly #registration: LocalRegistration;
  readonly #writer: AvailabilityWriter;

  constructor(parts: AggregationParts, registration: LocalRegistration) {
    this.#apiServices = parts.apiServices;
    this.#registration = registration;
    this.#writer = new AvailabilityWriter(parts);
  }

  readonly reset = (entries: readonly StoreEntry[]): void => {
    const services = entries.map(decode);
    const names = new Set(services.map(nameOf));
    for (const gone of this.#apiServices.all) {
      if (!names.has(nameOf(gone))) this.#apiServices.delete(nameOf(gone));
    }
    for (const service of services) this.#take(service);
  };

  readonly put = (entry: StoreEntry): void => this.#take(decode(entry));

  readonly delete = (previous: StoreEntry): void => {
    this.#apiServices.delete(nameOf(decode(previous)));
    this.#registration.changed();
  };

  async settled(): Promise<void> {
    await this.#writer.settled();
  }

  #take(service: APIService): void {
    this.#apiServices.put(service);
    if (service.spec?.service === undefined) void this.#writer.write(service, localAvailability);
  }
}

function decode(entry: StoreEntry): APIService {
  return decodeStored(entry.value) as APIService;
}

function nameOf({ metadata }: APIService): string {
  return metadata?.name ?? '';
}
