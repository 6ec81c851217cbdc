import { Node, Service } from '@fairway/kinds/core/v1';
import { EndpointSlice } from '@fairway/kinds/discovery/v1';
import { type Informers, informerSource, leanInformer } from '@fairway/reconcile';
import { type KeptTable, tableKey } from '../nftables/keep-table.ts';
import { slicesByService } from '../service-slices.ts';
import { zoneOf } from './near-endpoints.ts';
import { type ServiceRanges, serviceFrame } from './service-frame.ts';
import { type ServicePort, type ServingNode, servicePorts } from './service-port.ts';
import { serviceRuleset } from './service-ruleset.ts';

/** The table by which addresses of services lead to their programs, on one node. */
export function serviceTable(
  informers: Informers,
  of: ServiceRanges & {
    readonly tableName: string;
    readonly node: Pick<ServingNode, 'name' | 'addresses'>;
  },
): KeptTable {
  const services = leanInformer(informers, Service);
  const slices = leanInformer(informers, EndpointSlice);
  const nodes = leanInformer(informers, Node);
  const slicesOf = slicesByService(slices);
  const everyPort = (): readonly ServicePort[] => {
    const node = { ...of.node, zone: zoneOf(nodes.get(of.node.name)) };
    return [...services.keys()].toSorted().flatMap((key) => {
      const service = services.get(key);
      return service === undefined ? [] : servicePorts(service, slicesOf(key), node);
    });
  };
  return {
    table: { name: of.tableName, frame: serviceFrame(of) },
    about: 'services',
    sources: [
      informerSource(services, () => [tableKey]),
      informerSource(slices, () => [tableKey]),
      informerSource(nodes, ({ object, old }) => {
        const isMoved = object.metadata?.name === of.node.name && zoneOf(object) !== zoneOf(old);
        return isMoved ? [tableKey] : [];
      }),
    ],
    wanted: () => serviceRuleset(everyPort()),
  };
}
