import type { EndpointSlice } from '@fairway/kinds/discovery/v1';
import type { Service } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';

/** An address and port where a program of a service answers. */
export interface Backend {
  readonly address: string;
  readonly port: number;
}

/** One port of a service, and where what comes for it goes. */
export interface ServicePort {
  /** `default/web/tcp/http`, or the number of a port without a name. */
  readonly key: string;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly port: number;
  /** Inside the cluster. */
  readonly clusterAddresses: readonly string[];
  /** Outside of it, also of load balancers. */
  readonly externalAddresses: readonly string[];
  /** On every address of each node. */
  readonly nodePort: number | undefined;
  /** So long a client stays with the program that it had; undefined: each connection is on its own. */
  readonly affinitySeconds: number | undefined;
  /** For what comes from inside, and from outside. */
  readonly internalBackends: readonly Backend[];
  readonly externalBackends: readonly Backend[];
}

type AnyService = DeepReadonly<Service>;
type AnySlice = DeepReadonly<EndpointSlice>;
type SliceEndpoint = NonNullable<AnySlice['endpoints']>[number];

const affinitySecondsDefault = 10_800;

/**
 * What this node does for a service of IPv4: nothing for those without an address, which only names lead to.
 *
 * Source: Kubernetes documentation, "Virtual IPs and Service Proxies"; KEP-1669 for endpoints that end.
 */
export function servicePorts(
  service: AnyService,
  slices: readonly AnySlice[],
  nodeName: string,
): readonly ServicePort[] {
  const { metadata, spec, status } = service;
  const clusterAddresses = (spec?.clusterIPs ?? []).filter(isIPv4);
  if (clusterAddresses.length === 0 || spec?.type === 'ExternalName') return [];
  const ingress = status?.loadBalancer?.ingress ?? [];
  // What a load balancer hands on itself does not come to its address.
  const balanced = ingress.filter(({ ipMode }) => ipMode !== 'Proxy').flatMap(({ ip }) => ip ?? []);
  const affinity = spec?.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? affinitySecondsDefault;
  return (spec?.ports ?? []).map((port): ServicePort => {
    const { name = '', protocol = 'TCP', nodePort = 0 } = port;
    const endpoints = endpointsOf(slices, { name, protocol });
    const isLocal = (each: Endpoint): boolean => each.nodeName === nodeName;
    const backends = (policy: string | undefined): readonly Backend[] =>
      usable(policy === 'Local' ? endpoints.filter(isLocal) : endpoints);
    return {
      key: [metadata?.namespace, metadata?.name, protocol.toLowerCase(), name || port.port].join(
        '/',
      ),
      protocol: protocol.toLowerCase() as ServicePort['protocol'],
      port: port.port,
      clusterAddresses,
      externalAddresses: [...(spec?.externalIPs ?? []), ...balanced].filter(isIPv4),
      nodePort: nodePort > 0 ? nodePort : undefined,
      affinitySeconds: spec?.sessionAffinity === 'ClientIP' ? affinity : undefined,
      internalBackends: backends(spec?.internalTrafficPolicy),
      externalBackends: backends(spec?.externalTrafficPolicy),
    };
  });
}

interface Endpoint extends Backend {
  readonly nodeName: string | undefined;
  readonly conditions: NonNullable<SliceEndpoint['conditions']>;
}

function endpointsOf(
  slices: readonly AnySlice[],
  { name, protocol }: { readonly name: string; readonly protocol: string },
): readonly Endpoint[] {
  return slices
    .filter(({ addressType }) => addressType === 'IPv4')
    .flatMap(({ ports, endpoints }) =>
      (ports ?? [])
        .filter((each) => (each.name ?? '') === name && (each.protocol ?? 'TCP') === protocol)
        .flatMap(({ port }) =>
          port === undefined ? [] : (endpoints ?? []).flatMap((each) => endpointOf(each, port)),
        ),
    );
}

function endpointOf(endpoint: SliceEndpoint, port: number): Endpoint[] {
  const { addresses, nodeName, conditions = {} } = endpoint;
  // The others of a list are the same program by another name.
  const [address] = addresses;
  return address === undefined ? [] : [{ address, port, nodeName, conditions }];
}

/** Those that are ready, or, where none is, those that still serve while they end. Each once, in order. */
function usable(endpoints: readonly Endpoint[]): readonly Backend[] {
  const ready = endpoints.filter(({ conditions }) => conditions.ready !== false);
  const ending = endpoints.filter(
    ({ conditions }) => conditions.serving === true && conditions.terminating === true,
  );
  const chosen = ready.length > 0 ? ready : ending;
  const byPlace = new Map(
    chosen.map(({ address, port }) => [`${address} ${port}`, { address, port }]),
  );
  return [...byPlace.keys()].toSorted().flatMap((place) => byPlace.get(place) ?? []);
}

function isIPv4(address: string): boolean {
  return /^\d+\.\d+\.\d+\.\d+$/.test(address);
}
