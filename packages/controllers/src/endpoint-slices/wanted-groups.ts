import type { Node, Pod, Service } from '@fairway/kinds/core/v1';
import type { Endpoint, EndpointPort } from '@fairway/kinds/discovery/v1';
import type { DeepReadonly } from '@fairway/protocol';
import type { Informer } from '@fairway/reconcile';
import { type IpFamily, addressesOf, isReachable } from '../service-pods/pod-address.ts';
import { portsOnPod } from '../service-pods/ports-on-pod.ts';
import { podEndpoint } from './pod-endpoint.ts';
import { type SliceGroup, portsKey } from './slice-group.ts';

/** The endpoints that a service should have in a family, those with the same ports together. */
export function wantedGroups(
  service: DeepReadonly<Service>,
  pods: readonly DeepReadonly<Pod>[],
  { family, nodes }: { readonly family: IpFamily; readonly nodes: Informer<Node> },
): readonly SliceGroup[] {
  const publishesAll = service.spec?.publishNotReadyAddresses === true;
  const groups = new Map<string, { ports: readonly EndpointPort[]; endpoints: Endpoint[] }>();
  for (const pod of pods) {
    const addresses = addressesOf(pod, family);
    if (!isReachable(pod) || addresses.length === 0) continue;
    const nodeName = pod.spec?.nodeName;
    const node = nodeName === undefined ? undefined : nodes.get(nodeName);
    // A pod whose node is gone is about to go too. The node may also be on its way into the cache.
    if (nodeName !== undefined && node === undefined && !publishesAll) continue;
    const ports = portsOnPod(service, pod);
    const group = groups.get(portsKey(ports)) ?? { ports, endpoints: [] };
    groups.set(portsKey(ports), group);
    group.endpoints.push(
      podEndpoint(service, pod, { addresses, ...(node === undefined ? {} : { node }) }),
    );
  }
  return [...groups.values()];
}
