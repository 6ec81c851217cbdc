import { type Shown, listWithMore } from '@fairway/kind-rules/shown';
import { EndpointSlice } from '@fairway/kinds/discovery/v1';
import { hostPort } from '@fairway/protocol';
import type { ListQuestion } from '../describer.ts';

/** Asks for the slices of a service. */
export function slicesOf(service: string, namespace: string): ListQuestion<EndpointSlice> {
  const labelSelector = `kubernetes.io/service-name=${service}`;
  return { list: EndpointSlice, namespace, labelSelector };
}

/** `10.7.0.5:8080,10.7.0.6:8080`: the ready endpoints of a port by its name; `<none>` without any slice. */
export function readyEndpointsText(slices: readonly Shown<EndpointSlice>[], port: string): string {
  if (slices.length === 0) return '<none>';
  return listWithMore(slices.flatMap((slice) => readyEndpoints(slice, port)));
}

function readyEndpoints(
  { ports = [], endpoints = [] }: Shown<EndpointSlice>,
  name: string,
): readonly string[] {
  const addresses = endpoints
    .filter(({ conditions }) => conditions?.ready !== false)
    .map(({ addresses: [first] = [] }) => first ?? '');
  // A service without a cluster IP may have no ports.
  if (ports.length === 0) return addresses;
  return ports
    .filter((each) => (each.name ?? '') === name)
    .flatMap(({ port = 0 }) => addresses.map((address) => hostPort(address, port)));
}
