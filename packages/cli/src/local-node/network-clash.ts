import { parseAddressRange } from '@fairway/apiserver';

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
