import { isInNetwork } from '@fairway/protocol/nodejs';
import type { LocalNodePlace } from './local-node-place.ts';

/**
 * Why a machine cannot give these addresses to pods and services: it is in such a network itself, and would
 * lose its neighbours. Undefined: it can. `nodeAddresses` are the cluster's own.
 */
export function networkClash(
  addresses: readonly string[],
  ranges: Pick<LocalNodePlace, 'podCidr' | 'serviceCidr' | 'isOwn'> & {
    readonly nodeAddresses: readonly (string | undefined)[];
  },
): string | undefined {
  const { podCidr, serviceCidr, nodeAddresses, isOwn } = ranges;
  const others = addresses.filter((address) => !nodeAddresses.includes(address));
  const clash = (cidr: string, flag: string): string | undefined => {
    const address = others.find((each) => isInNetwork(each, cidr));
    if (address === undefined) return undefined;
    const remedy = isOwn
      ? `give another range with ${flag}, and a new --data-dir: a cluster keeps its first one`
      : 'the cluster has it for its pods and services: join from a machine outside of it';
    return `this machine has the address ${address}, which is in ${cidr}: ${remedy}`;
  };
  return clash(podCidr, '--cluster-cidr') ?? clash(serviceCidr, '--service-cluster-ip-range');
}

/**
 * Why what a cluster keeps from its first start does not go with the ranges that it is given now: addresses outside
 * of them lead nowhere, or to another cluster. Undefined: it does.
 */
export function movedClash(
  place: Pick<LocalNodePlace, 'podCidr' | 'serviceCidr'> & {
    readonly nodePodCidr?: string | undefined;
    readonly serviceAddress?: string | undefined;
  },
): string | undefined {
  const { podCidr, serviceCidr, nodePodCidr, serviceAddress } = place;
  const [nodeBase] = nodePodCidr?.split('/') ?? [];
  if (nodeBase !== undefined && !isInNetwork(nodeBase, podCidr)) {
    return saidMoved(`the pods of this node have ${nodePodCidr}`, podCidr, '--cluster-cidr');
  }
  return serviceAddress === undefined || isInNetwork(serviceAddress, serviceCidr)
    ? undefined
    : saidMoved(
        `the service kubernetes has ${serviceAddress}`,
        serviceCidr,
        '--service-cluster-ip-range',
      );
}

function saidMoved(kept: string, cidr: string, flag: string): string {
  const remedy = `give ${flag} as at first, or this one with a new --data-dir`;
  return `${kept}, which is not in ${cidr}: a cluster keeps its first addresses; ${remedy}`;
}
