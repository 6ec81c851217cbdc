import type { Service } from '@fairway/kinds/core/v1';
import type { Endpoint } from '@fairway/kinds/discovery/v1';
import type { DeepReadonly } from '@fairway/protocol';
import type { ReconcileRequest } from '@fairway/reconcile';
import { type IpFamily, ipFamilies } from '../service-pods/pod-address.ts';
import { proportionalHints, wantsProportionalHints } from './proportional-hints.ts';
import type { SliceGroup } from './slice-group.ts';

/** Gives endpoints proportional hints, and tells when a service gets them and loses them. */
export class TopologyTold {
  /** Services that have hints, by family. */
  readonly #hinted = new Set<string>();

  withHints(
    { key, record }: ReconcileRequest<Service>,
    service: DeepReadonly<Service>,
    found: {
      readonly groups: readonly SliceGroup[];
      readonly shares: ReadonlyMap<string, number> | undefined;
      readonly addressType: IpFamily;
    },
  ): readonly SliceGroup[] {
    const { groups, shares, addressType } = found;
    const place = `${addressType} ${key}`;
    const tell = (type: 'Normal' | 'Warning', reason: string, said: string): void =>
      record({ type, reason, message: `${said}, addressType: ${addressType}` });
    if (!wantsProportionalHints(service)) {
      if (this.#hinted.delete(place)) {
        tell('Warning', 'TopologyAwareHintsDisabled', 'Topology Aware Hints has been disabled');
      }
      return groups;
    }
    const endpoints = groups.flatMap((group) => group.endpoints);
    const outcome = proportionalHints(endpoints, shares);
    if ('problem' in outcome) {
      tell('Warning', 'TopologyAwareHintsDisabled', outcome.problem);
      this.#hinted.delete(place);
      return regrouped(groups, endpoints.map(withoutHints));
    }
    if (!this.#hinted.has(place)) {
      tell('Normal', 'TopologyAwareHintsEnabled', 'Topology Aware Hints has been enabled');
    }
    this.#hinted.add(place);
    return regrouped(groups, outcome.endpoints);
  }

  forget(key: string): void {
    for (const family of ipFamilies) this.#hinted.delete(`${family} ${key}`);
  }
}

function regrouped(
  groups: readonly SliceGroup[],
  endpoints: readonly Endpoint[],
): readonly SliceGroup[] {
  let from = 0;
  return groups.map((group) => {
    const own = endpoints.slice(from, from + group.endpoints.length);
    from += own.length;
    return { ...group, endpoints: own };
  });
}

function withoutHints({ hints: _, ...endpoint }: Endpoint): Endpoint {
  return endpoint;
}
