import type { PodSpec } from '@fairway/kinds/core/v1';

import { compareAmounts, isPositiveAmount } from './amounts.ts';
import type { Draft } from '@fairway/protocol';

const qosResources = ['cpu', 'memory'];

/**
 * Which pods a node evicts first when it runs short, from their requests and limits.
 * Source: Kubernetes documentation, "Pod Quality of Service Classes".
 */
export function qosClassOf(spec: Draft<PodSpec>): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const holders =
    spec.resources?.requests || spec.resources?.limits
      ? [spec.resources]
      : [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(
          (container) => container.resources ?? {},
        );
  let isAnythingAsked = false;
  let isGuaranteed = holders.length > 0;
  for (const { requests = {}, limits = {} } of holders) {
    for (const name of qosResources) {
      const request = positive(requests[name]);
      const limit = positive(limits[name]);
      if (request !== undefined || limit !== undefined) isAnythingAsked = true;
      if (limit === undefined) isGuaranteed = false;
      else if (request !== undefined && compareAmounts(request, limit) !== 0) isGuaranteed = false;
    }
  }
  if (!isAnythingAsked) return 'BestEffort';
  return isGuaranteed ? 'Guaranteed' : 'Burstable';
}

function positive(amount: string | undefined): string | undefined {
  return amount !== undefined && isPositiveAmount(amount) ? amount : undefined;
}
