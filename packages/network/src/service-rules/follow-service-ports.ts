import { Node, Service } from '@fairway/kinds/core/v1';
import { EndpointSlice } from '@fairway/kinds/discovery/v1';
import {
  type Informers,
  type ReconcileSource,
  informerSource,
  leanInformer,
} from '@fairway/reconcile';
import { tableKey } from '../nftables/keep-table.ts';
import { slicesByService } from '../service-slices.ts';
import { zoneOf } from './near-endpoints.ts';
import { type ServicePort, type ServingNode, servicePorts } from './service-port.ts';

/** All ports of services as one node is to serve them. */
export interface FollowedPorts {
  /** Each tells `tableKey` when they may have changed. */
  readonly sources: readonly ReconcileSource[];
  readonly now: () => readonly ServicePort[];
}

/** Follows services, their endpoints and where the node is. */
export function followServicePorts(
  informers: Informers,
  node: Pick<ServingNode, 'name' | 'addresses'>,
): FollowedPorts {
  const services = leanInformer(informers, Service);
  const slices = leanInformer(informers, EndpointSlice);
  const nodes = leanInformer(informers, Node);
  const slicesOf = slicesByService(slices);
  return {
    sources: [
      informerSource(services, () => [tableKey]),
      informerSource(slices, () => [tableKey]),
      informerSource(nodes, ({ object, old }) => {
        const isMoved = object.metadata?.name === node.name && zoneOf(object) !== zoneOf(old);
        return isMoved ? [tableKey] : [];
      }),
    ],
    now() {
      const placed = { ...node, zone: zoneOf(nodes.get(node.name)) };
      return [...services.keys()].toSorted().flatMap((key) => {
        const service = services.get(key);
        return service === undefined ? [] : servicePorts(service, slicesOf(key), placed);
      });
    },
  };
}
