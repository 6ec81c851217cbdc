import type { Clock, Logger } from '@fairway/host';
import type { APIService, APIServiceCondition } from '@fairway/kinds/apiregistration/v1';
import { type Handler, equalsJson, formatTime } from '@fairway/protocol';
import { WritesInTurn } from '../calls/writes-in-turn.ts';
import { nameOf } from '../registry/api-services.ts';

/** What is said of an APIService under `Available`. */
export type Availability = Pick<APIServiceCondition, 'status' | 'reason' | 'message'>;

/** Of what this server answers itself. Source: kube-aggregator, local availability controller. */
export const localAvailability: Availability = {
  status: 'True',
  reason: 'Local',
  message: 'Local APIServices are always available',
};

const collection = '/apis/apiregistration.k8s.io/v1/apiservices';

/** Writes the condition `Available`, one write after the other. What was overtaken is dropped. */
export class AvailabilityWriter {
  readonly #clock: Clock;
  readonly #writes: WritesInTurn;

  constructor({
    handler,
    clock,
    logger,
  }: {
    readonly handler: Handler;
    readonly clock: Clock;
    readonly logger: Logger;
  }) {
    this.#clock = clock;
    this.#writes = new WritesInTurn(handler, (apiService, error) =>
      logger.warn('whether an API is available could not be written', { apiService, error }),
    );
  }

  /** Resolves when it is written; what is so already is not written again. */
  write(service: APIService, availability: Availability): Promise<void> {
    const judged = withAvailability(service, availability, this.#clock);
    if (judged === service) return Promise.resolve();
    return this.#writes.put(`${collection}/${nameOf(service)}/status`, judged);
  }

  settled(): Promise<void> {
    return this.#writes.settled();
  }
}

/** Whether requests go on to whom it names. */
export function isAvailable(service: APIService): boolean {
  return conditionOf(service)?.status === 'True';
}

export function conditionOf({ status }: APIService): APIServiceCondition | undefined {
  return status?.conditions?.find(({ type }) => type === 'Available');
}

/** The same object when it says so already. */
function withAvailability(
  service: APIService,
  availability: Availability,
  clock: Clock,
): APIService {
  const known = conditionOf(service);
  const { lastTransitionTime } = known ?? {};
  const isSame = known?.status === availability.status && lastTransitionTime !== undefined;
  const condition: APIServiceCondition = {
    type: 'Available',
    ...availability,
    lastTransitionTime: isSame ? lastTransitionTime : formatTime(clock.now()),
  };
  if (equalsJson(condition, known)) return service;
  const others = (service.status?.conditions ?? []).filter(({ type }) => type !== 'Available');
  return { ...service, status: { ...service.status, conditions: [...others, condition] } };
}
