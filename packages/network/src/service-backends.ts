import { isIPv4 } from 'node:net';
import type { EndpointSlice } from '@fairway/kinds/discovery/v1';
import type { DeepReadonly } from '@fairway/protocol';
import { endpointsOf, isReady, portsOf } from './service-slices.ts';

/** An address and port where a program of a service answers. */
export interface Backend {
  readonly address: string;
  readonly port: number;
}

/** A port of a service, as its endpoints know it. */
export interface EndpointPortName {
  /** Empty where the service has one port without a name. */
  readonly name: string;
  readonly protocol: string;
}

/** One of the endpoints of a port. */
export interface ServiceEndpoint extends Backend {
  readonly nodeName: string | undefined;
  readonly conditions: NonNullable<SliceEndpoint['conditions']>;
  /** Whom it is for. */
  readonly hints: SliceEndpoint['hints'];
}

type AnySlice = DeepReadonly<EndpointSlice>;
type SliceEndpoint = NonNullable<AnySlice['endpoints']>[number];

/** All endpoints of IPv4 that a port of a service has. */
export function endpointsOfPort(
  slices: readonly AnySlice[],
  { name, protocol }: EndpointPortName,
): readonly ServiceEndpoint[] {
  return slices
    .filter(({ addressType }) => addressType === 'IPv4')
    .flatMap((slice) =>
      portsOf(slice)
        .filter((each) => (each.name ?? '') === name && (each.protocol ?? 'TCP') === protocol)
        .flatMap(({ port }) =>
          port === undefined || !isPort(port)
            ? []
            : endpointsOf(slice).flatMap((each) => endpointOf(each, port)),
        ),
    );
}

/** Also of what was stored before its rules. */
function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port <= 65_535;
}

function endpointOf(endpoint: SliceEndpoint, port: number): ServiceEndpoint[] {
  const { addresses, nodeName, conditions = {}, hints } = endpoint;
  // The others of a list are the same program by another name.
  const [address] = addresses;
  return address !== undefined && isIPv4(address)
    ? [{ address, port, nodeName, conditions, hints }]
    : [];
}

/**
 * Those that are ready, or, where none is, those that still serve while they end. Each once, in order.
 *
 * Source: KEP-1669.
 */
export function usableBackends(endpoints: readonly ServiceEndpoint[]): readonly Backend[] {
  const ready = endpoints.filter(isReady);
  const ending = endpoints.filter(
    ({ conditions }) => conditions.serving === true && conditions.terminating === true,
  );
  const chosen = ready.length > 0 ? ready : ending;
  const byPlace = new Map(
    chosen.map(({ address, port }) => [`${address} ${port}`, { address, port }]),
  );
  return [...byPlace.keys()].toSorted().flatMap((place) => byPlace.get(place) ?? []);
}
