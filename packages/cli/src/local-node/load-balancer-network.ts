import type { Host } from '@fairway/host';
import { isInNetwork } from '@fairway/protocol/nodejs';
import { type NetworkLocks, shareAddresses } from './lock-network.ts';

/** Beside those of pods: the first one is taken that no other cluster of the machine has. */
const candidates: readonly string[] = Array.from({ length: 16 }, (_, at) => `10.245.${at}.0/24`);

/** A network for load balancers that leads to this machine while it is held; or why there is none. */
export type LoadBalancerNetwork =
  | (AsyncDisposable & { readonly kind: 'network'; readonly cidr: string })
  | { readonly kind: 'none'; readonly why: string };

/** What a network for load balancers is chosen by. */
export interface LoadBalancerWish {
  /** Absent: one that nobody has. */
  readonly cidr?: string;
  /** What the cluster has for its pods and services. */
  readonly others: readonly string[];
  /** Those of the cluster, by which the network stays its own. */
  readonly locks: Pick<NetworkLocks, 'take'>;
}

/** Takes hold of a network for load balancers. */
export async function holdLoadBalancerNetwork(
  host: Host,
  { cidr: wanted, others, locks }: LoadBalancerWish,
): Promise<LoadBalancerNetwork> {
  const lacks: string[] = [];
  for (const cidr of wanted === undefined ? candidates : [wanted]) {
    const clash = loadBalancerClash(cidr, { others, addresses: host.environment.addresses });
    if (clash !== undefined) {
      lacks.push(clash);
      continue;
    }
    if (!(await locks.take(cidr))) {
      lacks.push(`another cluster of this machine has addresses of ${cidr}`);
      continue;
    }
    const { holdLocalNetwork } = await import('@fairway/node-agent');
    const held = await holdLocalNetwork(host, cidr);
    return { kind: 'network', cidr, [Symbol.asyncDispose]: () => held[Symbol.asyncDispose]() };
  }
  return { kind: 'none', why: `${lacks[0]}: give another network with --load-balancer-cidr` };
}

/** Why a machine cannot have a network for load balancers: it, its pods or its services are there. */
export function loadBalancerClash(
  cidr: string,
  of: { readonly others: readonly string[]; readonly addresses: readonly string[] },
): string | undefined {
  const address = of.addresses.find((each) => isInNetwork(each, cidr));
  if (address !== undefined) return `this machine has the address ${address}, which is in ${cidr}`;
  const other = of.others.find((each) => shareAddresses(each, cidr));
  return other === undefined ? undefined : `${cidr} has addresses of ${other}`;
}
