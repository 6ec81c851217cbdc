import { isIPv4 } from 'node:net';
import type { EndpointSlice } from '@fairway/kinds/discovery/v1';
import type { Service } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';
import { isInNetwork, parseCidr } from '@fairway/protocol/nodejs';
import { type NodePlace, nearEndpoints } from './near-endpoints.ts';
import {
  type Backend,
  type ServiceEndpoint,
  endpointsOfPort,
  usableBackends,
} from '../service-backends.ts';

/** One port of a service, and where what comes for it goes. */
export interface ServicePort {
  /** `default/web/tcp/http`, or the number of a port without a name. */
  readonly key: string;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly port: number;
  /** Inside the cluster. */
  readonly clusterAddresses: readonly string[];
  /** Outside of it. */
  readonly externalAddresses: readonly string[];
  readonly loadBalancer: LoadBalancerEntrance;
  /** On every address of each node. */
  readonly nodePort: number | undefined;
  /** So long a client stays with the program that it had; undefined: each connection is on its own. */
  readonly affinitySeconds: number | undefined;
  /** For what comes from inside, and from outside. */
  readonly internalBackends: readonly Backend[];
  readonly externalBackends: readonly Backend[];
  /**
   * All of them, where those from outside are led to programs of this node only, which see from where they come:
   * for pods and the node itself. Undefined: they are led as everybody is.
   */
  readonly allBackends: readonly Backend[] | undefined;
}

/** The addresses of a load balancer that lead to this node. */
export interface LoadBalancerEntrance {
  readonly addresses: readonly string[];
  /** Networks from which they may be used; undefined: all. */
  readonly sources: readonly string[] | undefined;
}

/** The node that the rules are for. */
export interface ServingNode extends NodePlace {
  readonly addresses: readonly string[];
}

type AnyService = DeepReadonly<Service>;
type AnySlice = DeepReadonly<EndpointSlice>;

const affinitySecondsDefault = 10_800;

/**
 * What this node does for a service of IPv4: nothing for those without an address, which only names lead to.
 *
 * Source: Kubernetes documentation, "Virtual IPs and Service Proxies".
 */
export function servicePorts(
  service: AnyService,
  slices: readonly AnySlice[],
  node: ServingNode,
): readonly ServicePort[] {
  const { metadata, spec } = service;
  const clusterAddresses = (spec?.clusterIPs ?? []).filter(isIPv4);
  if (clusterAddresses.length === 0 || spec?.type === 'ExternalName') return [];
  const loadBalancer = loadBalancerEntrance(service, node);
  const affinity = spec?.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? affinitySecondsDefault;
  return (spec?.ports ?? []).map((port): ServicePort => {
    const { name = '', protocol = 'TCP', nodePort = 0 } = port;
    const endpoints = endpointsOfPort(slices, { name, protocol });
    const isLocal = (each: ServiceEndpoint): boolean => each.nodeName === node.name;
    const backends = (policy: string | undefined): readonly Backend[] =>
      usableBackends(
        policy === 'Local' ? endpoints.filter(isLocal) : nearEndpoints(endpoints, node),
      );
    return {
      key: [metadata?.namespace, metadata?.name, protocol.toLowerCase(), name || port.port].join(
        '/',
      ),
      protocol: protocol.toLowerCase() as ServicePort['protocol'],
      port: port.port,
      clusterAddresses,
      externalAddresses: (spec?.externalIPs ?? []).filter(isIPv4),
      loadBalancer,
      nodePort: nodePort > 0 ? nodePort : undefined,
      affinitySeconds: spec?.sessionAffinity === 'ClientIP' ? affinity : undefined,
      internalBackends: backends(spec?.internalTrafficPolicy),
      externalBackends: backends(spec?.externalTrafficPolicy),
      allBackends: spec?.externalTrafficPolicy === 'Local' ? backends('Cluster') : undefined,
    };
  });
}

function loadBalancerEntrance(
  { spec, status }: AnyService,
  node: ServingNode,
): LoadBalancerEntrance {
  const ingress = status?.loadBalancer?.ingress ?? [];
  const addresses = ingress
    // What a load balancer hands on itself does not come to its address.
    .filter(({ ipMode }) => ipMode !== 'Proxy')
    .flatMap(({ ip }) => ip ?? [])
    .filter(isIPv4);
  const ranges = (spec?.loadBalancerSourceRanges ?? []).map((each) => each.trim());
  const sources = ranges.filter((each) => isIPv4(parseCidr(each)?.address ?? ''));
  const isOpen = ranges.length === 0 || sources.some((each) => parseCidr(each)?.prefixBits === 0);
  if (isOpen) return { addresses, sources: undefined };
  // A node that has the address of a load balancer comes to it by that same address.
  const isNodeIn = node.addresses.some((each) => sources.some((cidr) => isInNetwork(each, cidr)));
  return { addresses, sources: isNodeIn ? [...sources, ...addresses] : sources };
}
