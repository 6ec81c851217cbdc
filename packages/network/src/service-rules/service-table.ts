import type { Informers } from '@fairway/reconcile';
import type { KeptTable } from '../nftables/keep-table.ts';
import { followServicePorts } from './follow-service-ports.ts';
import { type ServiceRanges, serviceFrame } from './service-frame.ts';
import type { ServingNode } from './service-port.ts';
import { serviceRuleset } from './service-ruleset.ts';

/** The table by which addresses of services lead to their programs, on one node. */
export function serviceTable(
  informers: Informers,
  of: ServiceRanges & {
    readonly tableName: string;
    readonly node: Pick<ServingNode, 'name' | 'addresses'>;
  },
): KeptTable {
  const ports = followServicePorts(informers, of.node);
  return {
    table: { name: of.tableName, frame: serviceFrame(of) },
    about: 'services',
    sources: ports.sources,
    wanted: () => serviceRuleset(ports.now()),
  };
}
