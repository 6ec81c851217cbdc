import { isIP } from 'node:net';
import type { Service } from '@fairway/kinds/core/v1';
import type { Endpoint, EndpointPort, EndpointSlice } from '@fairway/kinds/discovery/v1';
import type { DeepReadonly } from '@fairway/protocol';
import { endpointsOf, isReady, portsOf } from '../service-slices.ts';
import { type ClusterZone, clusterAddresses } from './cluster-zone.ts';
import type { ServiceName } from './zone-name.ts';

/** One place to which a name of a service leads. */
export interface Target {
  /** Its own name below the domain: `web-0.web.shop.svc`. */
  readonly name: string;
  readonly address: string;
  /** Absent where an endpoint has an address and no port. */
  readonly port?: number;
}

/** Where a name of a service leads to; undefined: there is no such name. */
export function targetsOf(
  zone: ClusterZone,
  service: DeepReadonly<Service>,
  asked: ServiceName,
): readonly Target[] | undefined {
  const addresses = clusterAddresses(service);
  const targets =
    addresses.length === 0 || asked.endpoint !== undefined
      ? endpointTargets(zone.slicesOf(asked.namespace, asked.service), asked)
      : clusterTargets(service, addresses, asked);
  return targets.length === 0 ? undefined : targets;
}

/** The name of an endpoint below its service: its hostname, or its address with dashes. */
export function endpointLabel({ hostname = '', addresses }: DeepReadonly<Endpoint>): string {
  return (hostname === '' ? (addresses[0] ?? '').replaceAll(/[.:]/g, '-') : hostname).toLowerCase();
}

function clusterTargets(
  { spec }: DeepReadonly<Service>,
  addresses: readonly string[],
  asked: ServiceName,
): readonly Target[] {
  const ports = (spec?.ports ?? []).filter((port) => isAsked(port, asked));
  return ports.flatMap(({ port }) =>
    addresses.map((address) => ({ name: serviceText(asked), address, port })),
  );
}

function endpointTargets(
  slices: readonly DeepReadonly<EndpointSlice>[],
  asked: ServiceName,
): readonly Target[] {
  const targets: Target[] = [];
  for (const slice of slices) {
    if (slice.addressType === 'FQDN') continue;
    const ports = portsOf(slice);
    // An address without ports has a name all the same.
    const found: readonly DeepReadonly<EndpointPort>[] = ports.length === 0 ? [{}] : ports;
    const asPorts = found.filter((port) => isAsked(port, asked));
    for (const endpoint of endpointsOf(slice)) {
      const label = endpointLabel(endpoint);
      const isMeant = asked.endpoint === undefined || asked.endpoint === label;
      if (!isMeant || !isReady(endpoint)) continue;
      const name = `${label}.${serviceText(asked)}`;
      for (const address of endpoint.addresses.filter((each) => isIP(each) !== 0)) {
        for (const { port } of asPorts)
          targets.push({ name, address, ...(port === undefined ? {} : { port }) });
      }
    }
  }
  return targets;
}

function isAsked(
  { name = '', protocol = 'TCP' }: { readonly name?: string; readonly protocol?: string },
  { port }: ServiceName,
): boolean {
  return port === undefined || (port.name === name && port.protocol === protocol.toLowerCase());
}

function serviceText({ service, namespace }: ServiceName): string {
  return `${service}.${namespace}.svc`;
}
