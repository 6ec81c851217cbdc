import type { Endpoints, EndpointSubset, Service } from '@fairway/kinds/core/v1';
import type { EndpointSlice } from '@fairway/kinds/discovery/v1';
import { hostPort } from '@fairway/protocol';
import type { TableColumns } from '../table-columns.ts';
import { age, defineTable, name, text, wide } from './define-table.ts';
import { formatLabels } from './format-labels.ts';
import { listWithMore } from './list-with-more.ts';
import { loadBalancerAddresses } from './load-balancer-addresses.ts';
import type { Shown } from './shown.ts';

/** Source: kube-apiserver printers, printService, printEndpoints and printEndpointSlice. */
export const services: TableColumns = defineTable<Service>([
  name,
  text('Type', 'From where the service can be reached.', ({ spec }) => spec?.type ?? ''),
  text('Cluster-IP', 'First address inside the cluster.', ({ spec }) => {
    return spec?.clusterIPs?.[0] ?? (spec?.clusterIP || '<none>');
  }),
  text('External-IP', 'Addresses outside of the cluster.', externalAddresses),
  text('Port(s)', 'Ports of the service and of the nodes.', servicePorts),
  age,
  wide(
    text('Selector', 'Labels of the pods behind it.', ({ spec }) => formatLabels(spec?.selector)),
  ),
]);

export const endpoints: TableColumns = defineTable<Endpoints>([
  name,
  text('Endpoints', 'Addresses and ports that are ready.', ({ subsets = [] }) => {
    return subsets.length === 0 ? '<none>' : listWithMore(subsets.flatMap(subsetAddresses));
  }),
  age,
]);

export const endpointSlices: TableColumns = defineTable<EndpointSlice>([
  name,
  text('AddressType', 'Kind of the addresses.', ({ addressType }) => addressType ?? ''),
  text('Ports', 'Ports of every endpoint.', ({ ports = [] }) => {
    const shown = ports.map((each) => String(each.port ?? each.name ?? '*'));
    return listWithMore(shown) || '<unset>';
  }),
  text('Endpoints', 'Addresses of the endpoints.', (slice) => {
    return (
      listWithMore((slice.endpoints ?? []).flatMap((each) => each.addresses ?? [])) || '<unset>'
    );
  }),
  age,
]);

function externalAddresses({ spec, status }: Shown<Service>): string {
  const given = spec?.externalIPs ?? [];
  switch (spec?.type) {
    case 'ClusterIP':
    case 'NodePort':
      return given.join(',') || '<none>';
    case 'LoadBalancer':
      return [...loadBalancerAddresses(status?.loadBalancer), ...given].join(',') || '<pending>';
    case 'ExternalName':
      return spec.externalName ?? '';
    default:
      return '<unknown>';
  }
}

/** `80:30080/TCP,53/UDP` */
function servicePorts({ spec }: Shown<Service>): string {
  const ports = (spec?.ports ?? []).map(({ port = 0, nodePort = 0, protocol = '' }) => {
    return nodePort > 0 ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`;
  });
  return ports.join(',') || '<none>';
}

function subsetAddresses({ addresses = [], ports = [] }: Shown<EndpointSubset>): string[] {
  const hosts = addresses.map(({ ip = '' }) => ip);
  if (ports.length === 0) return hosts;
  return ports.flatMap(({ port = 0 }) => hosts.map((host) => hostPort(host, port)));
}
