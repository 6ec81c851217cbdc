import type { Shown } from '@fairway/kind-rules/shown';
import { type EndpointAddress, Endpoints, type EndpointSubset } from '@fairway/kinds/core/v1';
import { type Endpoint, EndpointSlice } from '@fairway/kinds/discovery/v1';
import { describerOf } from '../describer.ts';
import { type Lines, field, indented, lines, section, table } from '../lines.ts';
import { headLines } from '../metadata-lines.ts';

/** Describes the addresses and ports of a service, as one object. */
export const endpoints = describerOf<Endpoints>({
  resource: Endpoints,
  describe: (object) => [
    ...headLines(object),
    'Subsets:',
    ...(object.subsets ?? []).flatMap((subset) => [...indented(subsetLines(subset)), '']),
  ],
});

/** Describes some of the endpoints of a service. */
export const endpointSlice = describerOf<EndpointSlice>({
  resource: EndpointSlice,
  describe: (slice) => {
    const { addressType = '', ports = [] } = slice;
    const all = (slice.endpoints ?? []).flatMap(endpointLines);
    const rows = ports.map(({ name, port, protocol = '' }) => [
      name || '<unset>',
      port ?? '<unset>',
      protocol,
    ]);
    return lines(
      headLines(slice),
      field('AddressType', addressType),
      rows.length === 0 ? 'Ports: <unset>' : section('Ports', table(portColumns, rows)),
      all.length === 0 ? 'Endpoints: <none>' : section('Endpoints', all),
    );
  },
});

const portColumns = ['Name', 'Port', 'Protocol'];

function subsetLines(subset: Shown<EndpointSubset>): Lines {
  const rows = (subset.ports ?? []).map(({ name, port = 0, protocol = '' }) => [
    name || '<unset>',
    port,
    protocol,
  ]);
  return lines(
    field('Addresses', addressesText(subset.addresses)),
    field('NotReadyAddresses', addressesText(subset.notReadyAddresses)),
    rows.length === 0 ? undefined : section('Ports', table(portColumns, rows)),
  );
}

function addressesText(addresses: readonly Shown<EndpointAddress>[] = []): string {
  return addresses.map(({ ip = '' }) => ip).join(',') || '<none>';
}

function endpointLines(endpoint: Shown<Endpoint>): Lines {
  const { addresses = [], conditions, hostname, targetRef, nodeName, zone } = endpoint;
  return [
    `- ${field('Addresses', addresses.join(', ') || '<none>')}`,
    ...indented(
      lines(
        section('Conditions', [field('Ready', conditions?.ready ?? '<unset>')]),
        field('Hostname', hostname ?? '<unset>'),
        targetRef && field('TargetRef', `${targetRef.kind ?? ''}/${targetRef.name ?? ''}`),
        field('NodeName', nodeName ?? '<unset>'),
        field('Zone', zone ?? '<unset>'),
      ),
    ),
  ];
}
