import type { Clock } from '@fairway/host';
import { type AggregationParts, followApiServices } from './aggregation/follow-api-services.ts';
import { reclaimAllocations } from './allocators/reclaim-allocations.ts';
import {
  type CustomResourceDefinitionsParts,
  serveCustomResources,
} from './custom-resources/custom-resource-definitions.ts';
import type { ServerAdmission } from './server-admission.ts';
import type { ServerAuthorization } from './server-authorization.ts';
import type { ServerFairness } from './server-fairness.ts';

export interface FollowerParts extends AggregationParts, CustomResourceDefinitionsParts {
  readonly guard: ServerAuthorization;
  readonly admission: ServerAdmission;
  /** Absent: nobody waits for anybody. */
  readonly turns: ServerFairness | undefined;
  /** They end with the server. */
  readonly timers: Clock;
  readonly serviceClusterIpRange: string;
}

/**
 * Starts, one after the other, what goes by the store for as long as the server runs. Resolves when all of
 * them know what there is. `onStart` gets the end of each as soon as it runs, which comes after `signal` has
 * aborted.
 */
export async function startFollowers(
  parts: FollowerParts,
  onStart: (ended: Promise<void>) => void,
): Promise<void> {
  const { guard, admission, turns, timers } = parts;
  onStart((await guard.follow(parts)).ended);
  onStart((await admission.follow(parts)).ended);
  if (turns !== undefined) onStart((await turns.follow({ ...parts, clock: timers })).ended);
  onStart((await serveCustomResources(parts)).ended);
  onStart((await followApiServices(parts)).ended);
  onStart(reclaimAllocations(parts));
}
