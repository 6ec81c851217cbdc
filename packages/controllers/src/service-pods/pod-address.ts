import type { ObjectReference, Pod, Service } from '@fairway/kinds/core/v1';
import { isPodOver } from '@fairway/kind-rules/pods';
import type { DeepReadonly } from '@fairway/protocol';

/** A kind of address that a service has: what its `ipFamilies` and the type of a slice name. */
export type IpFamily = (typeof ipFamilies)[number];
export const ipFamilies = ['IPv4', 'IPv6'] as const;

type AnyPod = DeepReadonly<Pod>;
type AnyService = DeepReadonly<Service>;

/** Its network is there, and will not be taken away because its containers have ended. */
export function isReachable(pod: AnyPod): boolean {
  return !isPodOver(pod) && allAddresses(pod).length > 0;
}

/** The addresses of a family, the pod's own order kept. */
export function addressesOf(pod: AnyPod, family: IpFamily): readonly string[] {
  return allAddresses(pod).filter((ip) => familyOf(ip) === family);
}

export function familyOf(ip: string): IpFamily {
  return ip.includes(':') ? 'IPv6' : 'IPv4';
}

/** The families of a service's addresses, its first one first. */
export function familiesOf({ spec }: AnyService): readonly IpFamily[] {
  const { ipFamilies = [], clusterIP = '' } = spec ?? {};
  if (ipFamilies.length > 0) return ipFamilies.map(asFamily);
  return [clusterIP.includes(':') ? 'IPv6' : 'IPv4'];
}

/** The name that a pod has within its headless service, where it asks for one. */
export function hostnameIn(service: AnyService, { metadata, spec }: AnyPod): string | undefined {
  const { hostname = '', subdomain } = spec ?? {};
  const isInService =
    subdomain === service.metadata?.name && metadata?.namespace === service.metadata?.namespace;
  return hostname !== '' && isInService ? hostname : undefined;
}

/** By which an address says whose it is. */
export function referenceTo({ metadata }: AnyPod): ObjectReference {
  const { namespace = '', name = '', uid = '' } = metadata ?? {};
  return { kind: 'Pod', namespace, name, uid };
}

function allAddresses({ status }: AnyPod): readonly string[] {
  const ips = (status?.podIPs ?? []).flatMap(({ ip }) => ip ?? []);
  if (ips.length > 0) return ips;
  return status?.podIP === undefined ? [] : [status.podIP];
}

function asFamily(name: string): IpFamily {
  return name === 'IPv6' ? 'IPv6' : 'IPv4';
}
