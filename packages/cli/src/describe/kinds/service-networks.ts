import { IPAddress, ServiceCIDR } from '@fairway/kinds/networking/v1';
import { describerOf } from '../describer.ts';
import { field, lines, section, table } from '../lines.ts';
import { clusterHeadLines } from '../metadata-lines.ts';
import { timeText } from '../moment.ts';

/** Describes a range of addresses of services. */
export const serviceCidr = describerOf<ServiceCIDR>({
  resource: ServiceCIDR,
  describe: (range, _, moment) => {
    const rows = (range.status?.conditions ?? []).map((each) => [
      each.type ?? '',
      each.status ?? '',
      timeText(each.lastTransitionTime, moment),
      each.reason ?? '',
      each.message ?? '',
    ]);
    const columns = ['Type', 'Status', 'LastTransitionTime', 'Reason', 'Message'];
    return lines(
      clusterHeadLines(range),
      field('CIDRs', (range.spec?.cidrs ?? []).join(', ')),
      rows.length === 0 ? undefined : ['Status:', ...section('Conditions', table(columns, rows))],
    );
  },
});

/** Describes who has an address of services. */
export const ipAddress = describerOf<IPAddress>({
  resource: IPAddress,
  describe: (address) => {
    const { parentRef } = address.spec ?? {};
    return lines(
      clusterHeadLines(address),
      parentRef &&
        section('Parent Reference', [
          field('Group', parentRef.group ?? ''),
          field('Resource', parentRef.resource ?? ''),
          field('Namespace', parentRef.namespace ?? ''),
          field('Name', parentRef.name ?? ''),
        ]),
    );
  },
});
