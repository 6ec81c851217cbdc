import type { Clock, Logger } from '@fairway/host';
import type { APIService, APIServiceCondition } from '@fairway/kinds/apiregistration/v1';
import { ApiError, type Handler, equalsJson, formatTime } from '@fairway/protocol';
import { callApi } from '../calls/call-api.ts';

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
  readonly #parts: { readonly handler: Handler; readonly clock: Clock; readonly logger: Logger };
  #last: Promise<void> = Promise.resolve();

  constructor(parts: {
    readonly handler: Handler;
    readonly clock: Clock;
    readonly logger: Logger;
  }) {
    this.#parts = parts;
  }

  /** Resolves when it is written; what is so already is not written again. */
  write(service: APIService, availability: Availability): Promise<void> {
    const judged = withAvailability(service, availability, this.#parts.clock);
    if (judged === service) return Promise.resolve();
    return (this.#last = this.#last.then(() => this.#put(judged)));
  }

  async settled(): Promise<void> {
    await this.#last;
  }

  async #put(service: APIService): Promise<void> {
    const name = service.metadata?.name ?? '';
    try {
      await callApi(this.#parts.handler, 'PUT', `${collection}/${name}/status`, service);
    } catch (error) {
      const isOvertaken =
        error instanceof ApiError && ['Conflict', 'NotFound'].includes(error.reason);
      if (isOvertaken) return;
      const subject = { apiService: name, error };
      this.#parts.logger.warn('whether an API is available could not be written', subject);
    }
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
