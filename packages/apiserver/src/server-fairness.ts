import { type Clock, type Logger, untilAborted } from '@fairway/host';
import type { Handler } from '@fairway/protocol';
import type { Store } from '@fairway/store';
import { FlowControlKeeper } from './fairness/keep-flow-control.ts';
import { ListSeats } from './fairness/list-seats.ts';
import { RequestFairness, flowControlRange } from './fairness/request-fairness.ts';
import type { FairnessMetrics } from './fairness/fairness-metrics.ts';
import type { ResourceRegistry } from './registry/resource-registry.ts';
import { followRange } from './storage/follow-range.ts';

/** How many requests run at once. */
export interface RequestBounds {
  /** False: requests are bounded by their number alone, and none waits. */
  readonly isFair: boolean;
  /** Requests that only read; 0: as many as come. With fairness the two together are what all share. */
  readonly requestsMax: number;
  /** Requests that write. */
  readonly mutatingRequestsMax: number;
}

/** As a kube-apiserver has it. */
export const defaultRequestBounds: RequestBounds = {
  isFair: true,
  requestsMax: 400,
  mutatingRequestsMax: 200,
};

/** Who waits for whom on this server, by the flow schemas and priority levels that its store holds. */
export class ServerFairness {
  readonly fairness: RequestFairness;
  #onChange: () => void = () => {};

  constructor(
    { requestsMax, mutatingRequestsMax }: RequestBounds,
    parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly registry: ResourceRegistry;
      readonly timeoutMs: number;
      readonly fairnessMetrics: FairnessMetrics;
    },
  ) {
    const listSeats = new ListSeats(parts);
    this.fairness = new RequestFairness({
      ...parts,
      seatsTotal: requestsMax + mutatingRequestsMax,
      seatsOf: (request) => listSeats.seatsOf(request),
      onChange: () => this.#onChange(),
    });
  }

  /**
   * Follows the store, and by `handler` keeps there what belongs there. Resolves when it knows all that
   * there is; `ended` when it does neither any more.
   */
  async follow(source: {
    readonly store: Store;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly signal: AbortSignal;
    readonly handler: Handler;
    readonly registry: ResourceRegistry;
  }): Promise<{ readonly ended: Promise<void> }> {
    const { registry, signal } = source;
    const followed = await followRange(flowControlRange, this.fairness, source);
    if (registry.find('flowcontrol.apiserver.k8s.io', 'v1', 'flowschemas') === undefined) {
      return followed;
    }
    const keeper = new FlowControlKeeper({ ...source, fairness: this.fairness });
    this.#onChange = () => keeper.changed();
    keeper.changed();
    const kept = untilAborted(signal).then(() => keeper[Symbol.asyncDispose]());
    return { ended: Promise.all([followed.ended, kept]).then(() => undefined) };
  }
}
