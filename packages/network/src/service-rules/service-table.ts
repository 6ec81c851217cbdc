import { Service } from '@fairway/kinds/core/v1';
import { EndpointSlice } from '@fairway/kinds/discovery/v1';
import { type Informers, informerSource, leanInformer } from '@fairway/reconcile';
import { type KeptTable, tableKey } from '../nftables/keep-table.ts';
import { slicesByService } from '../service-slices.ts';
import { type ServiceRanges, serviceFrame } from './service-frame.ts';
import { type ServicePort, type ServingNode, servicePorts } from './service-port.ts';
import { rulesetOf } from './service-ruleset.ts';

/** The table by which addresses of services lead to their programs, on one node. */
export function serviceTable(
  informers: Informers,
  of: ServiceRanges & { readonly tableName: string; readonly node: ServingNode },
): KeptTable {
  const services = leanInformer(informers, Service);
  const slices = leanInformer(informers, EndpointSlice);
  const slicesOf = slicesByService(slices);
  const portsOf = (key: string): readonly ServicePort[] => {
    const service = services.get(key);
    return service === undefined ? [] : servicePorts(service, slicesOf(key), of.node);
  };
  return {
    table: { name: of.tableName, frame: serviceFrame(of) },
    about: 'services',
    sources: [informerSource(services, () => [tableKey]), informerSource(slices, () => [tableKey])],
    wanted: () => rulesetOf([...services.keys()].toSorted().flatMap(portsOf)),
  };
}
