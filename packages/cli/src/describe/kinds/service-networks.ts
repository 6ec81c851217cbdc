import { IPAddress, ServiceCIDR } from '@fairway/kinds/networking/v1';
import { describerOf } from '../describer.ts';
import { field, lines, section } from '../lines.ts';
import { clusterHeadLines } from '../metadata-lines.ts';
import { datedConditionLines } from './condition-lines.ts';

/** Describes a range of addresses of services. */
export const serviceCidr = describerOf<ServiceCIDR>({
  resource: ServiceCIDR,
  describe: (range, _, moment) => {
    const conditions = datedConditionLines(range.status?.conditions, moment);
    return lines(
      clusterHeadLines(range),
      field('CIDRs', (range.spec?.cidrs ?? []).join(', ')),
      conditions.length === 0 ? undefined : ['Status:', ...conditions],
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
