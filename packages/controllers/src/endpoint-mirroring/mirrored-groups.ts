import { isIP } from 'node:net';
import type { EndpointAddress, EndpointSubset } from '@fairway/kinds/core/v1';
import type { Endpoint } from '@fairway/kinds/discovery/v1';
import type { DeepReadonly } from '@fairway/protocol';
import { type IpFamily, familyOf, ipFamilies } from '../service-pods/pod-address.ts';
import type { SliceGroup } from '../endpoint-slices/slice-group.ts';
import { repackSubsets } from '../endpoints/repack-subsets.ts';

/** Addresses of a subset that are mirrored. Source: kube-controller-manager, `--mirroring-max-endpoints-per-subset`. */
export const subsetAddressesMax = 1_000;

/** What becomes of the subsets of Endpoints: groups of a family, each one slice. */
export interface Mirrored {
  readonly groups: readonly (SliceGroup & { readonly family: IpFamily })[];
  /** Addresses that are none. */
  readonly invalidCount: number;
  /** Addresses that were left out because they were too many. */
  readonly skippedCount: number;
}

export function mirroredGroups(subsets: DeepReadonly<readonly EndpointSubset[]>): Mirrored {
  const groups: (SliceGroup & { family: IpFamily; endpoints: Endpoint[] })[] = [];
  let [invalidCount, skippedCount] = [0, 0];
  for (const { addresses = [], notReadyAddresses = [], ports = [] } of repackSubsets(subsets)) {
    const endpoints = [
      ...addresses.map((address) => mirroredEndpoint(address, true)),
      ...notReadyAddresses.map((address) => mirroredEndpoint(address, false)),
    ];
    const valid = endpoints.filter(({ addresses: [ip = ''] }) => isIP(ip) !== 0);
    const kept = valid.slice(0, subsetAddressesMax);
    invalidCount += endpoints.length - valid.length;
    skippedCount += valid.length - kept.length;
    const mirroredPorts = ports.map(({ name = '', port, protocol = 'TCP', ...rest }) => ({
      name,
      port,
      protocol,
      ...rest,
    }));
    for (const family of ipFamilies) {
      const own = kept.filter(({ addresses: [ip = ''] }) => familyOf(ip) === family);
      if (own.length > 0) groups.push({ family, ports: mirroredPorts, endpoints: own });
    }
  }
  return { groups, invalidCount, skippedCount };
}

function mirroredEndpoint(
  { ip, hostname = '', nodeName, targetRef }: DeepReadonly<EndpointAddress>,
  ready: boolean,
): Endpoint {
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname === '' ? {} : { hostname }),
    ...(targetRef === undefined ? {} : { targetRef }),
    ...(nodeName === undefined ? {} : { nodeName }),
  };
}
