import { parseAddressRange } from '@fairway/apiserver';
import { isInNetwork } from '@fairway/protocol/nodejs';
import type { LocalNodePlace } from './local-node-place.ts';

/**
 * Why a machine cannot give these addresses to pods and services: it is in such a network itself, and would
 * lose its neighbours. Undefined: it can. `nodeAddresses` are the cluster's own.
 */
export function networkClash(
  addresses: readonly string[],
  ranges: {
    readonly podCidr: string;
    readonly serviceCidr: string;
    readonly nodeAddresses: readonly (string | undefined)[];
  },
): string | undefined {
  const { podCidr, serviceCidr, nodeAddresses } = ranges;
  const others = addresses.filter((address) => !nodeAddresses.includes(address));
  const clash = (cidr: string): string | undefined => others.find(parseAddressRange(cidr).has);
  const pod = clash(podCidr);
  if (pod !== undefined) return said(pod, podCidr, '--cluster-cidr');
  const service = clash(serviceCidr);
  return service === undefined
    ? undefined
    : said(service, serviceCidr, '--service-cluster-ip-range');
}

function said(address: string, cidr: string, flag: string): string {
  return `this machine has the address ${address}, which is in ${cidr}: give another range with ${flag}, and a new --data-dir: a cluster keeps its first one`;
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
