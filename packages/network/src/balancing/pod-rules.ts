import type { Informers } from '@fairway/reconcile';
import type { KeptTable } from '../nftables/keep-table.ts';
import { followServicePorts } from '../service-rules/follow-service-ports.ts';
import { podServiceFrame } from '../service-rules/service-frame.ts';
import type { ServicePort, ServingNode } from '../service-rules/service-port.ts';
import { serviceRuleset } from '../service-rules/service-ruleset.ts';
import { type BalancedNetwork, clusterEntrances } from './service-entrances.ts';

/**
 * The table by which services lead to pods of one network, in that network: faster than its program, which has all
 * other services, and these until the table is there.
 */
export function podRules(
  informers: Informers,
  of: BalancedNetwork & {
    readonly tableName: string;
    readonly clusterCidr: string;
    readonly node: Pick<ServingNode, 'name' | 'addresses'>;
  },
): KeptTable {
  const ports = followServicePorts(informers, of.node);
  return {
    table: { name: of.tableName, frame: podServiceFrame(of) },
    about: 'services of pods that are processes',
    sources: ports.sources,
    wanted: () => serviceRuleset(ruledPorts(ports.now(), of)),
  };
}

/** Those that lead to pods of the network only, as pods come to them. */
export function ruledPorts(
  ports: readonly ServicePort[],
  network: BalancedNetwork,
): readonly ServicePort[] {
  const entrancesOf = clusterEntrances(ports, network);
  return ports.flatMap((port) => {
    const entrances = entrancesOf(port);
    const isRuled = entrances.every(
      ({ backends }) =>
        backends.length > 0 &&
        backends.length === port.internalBackends.length &&
        !backends.some(({ isOutside }) => isOutside),
    );
    if (entrances.length === 0 || !isRuled) return [];
    return [
      {
        ...port,
        clusterAddresses: entrances.flatMap(({ place }) => place?.address ?? []),
        externalAddresses: [],
        loadBalancer: { addresses: [], sources: undefined },
        nodePort: undefined,
      },
    ];
  });
}
