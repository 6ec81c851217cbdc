import type { Node, Pod, Service } from '@fairway/kinds/core/v1';
import type { Endpoint, EndpointHints } from '@fairway/kinds/discovery/v1';
import { isPodReady } from '@fairway/kind-rules/pods';
import type { DeepReadonly } from '@fairway/protocol';
import { isBeingDeleted } from '@fairway/reconcile';
import { hostnameIn, referenceTo } from '../service-pods/pod-address.ts';

/** Where nodes say in which zone they are. */
export const zoneLabel = 'topology.kubernetes.io/zone';

/** A pod as an endpoint of a service, with these addresses of it. */
export function podEndpoint(
  service: DeepReadonly<Service>,
  pod: DeepReadonly<Pod>,
  {
    node,
    addresses,
  }: { readonly node?: DeepReadonly<Node>; readonly addresses: readonly string[] },
): Endpoint {
  const serving = isPodReady(pod);
  const terminating = isBeingDeleted(pod);
  const publishesAll = service.spec?.publishNotReadyAddresses === true;
  const hostname = hostnameIn(service, pod);
  const nodeName = pod.spec?.nodeName;
  const zone = node?.metadata?.labels?.[zoneLabel];
  const endpoint: Endpoint = {
    addresses,
    conditions: { ready: publishesAll || (serving && !terminating), serving, terminating },
    ...(hostname === undefined ? {} : { hostname }),
    targetRef: referenceTo(pod),
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(zone === undefined || zone === '' ? {} : { zone }),
  };
  const hints = hintsFor(service.spec?.trafficDistribution, endpoint);
  return hints === undefined ? endpoint : { ...endpoint, hints };
}

const nearby: readonly (string | undefined)[] = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];

/** For whom an endpoint is near, where the service wants its traffic to stay near. */
function hintsFor(distribution: string | undefined, endpoint: Endpoint): EndpointHints | undefined {
  const { conditions, zone, nodeName } = endpoint;
  if (!nearby.includes(distribution) || conditions?.ready !== true) return undefined;
  const forNodes = distribution === 'PreferSameNode' ? nodeName : undefined;
  if (zone === undefined && forNodes === undefined) return undefined;
  return {
    ...(zone === undefined ? {} : { forZones: [{ name: zone }] }),
    ...(forNodes === undefined ? {} : { forNodes: [{ name: forNodes }] }),
  };
}
