import { DisposalStack, type Host } from '@fairway/host';
import { isInNetwork } from '@fairway/protocol/nodejs';
import { lockNetwork } from './lock-network.ts';

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
}

/** Takes hold of a network for load balancers. */
export async function holdLoadBalancerNetwork(
  host: Host,
  { cidr: wanted, others }: LoadBalancerWish,
): Promise<LoadBalancerNetwork> {
  const lacks: string[] = [];
  for (const cidr of wanted === undefined ? candidates : [wanted]) {
    const clash = loadBalancerClash(cidr, { others, addresses: host.environment.addresses });
    if (clash !== undefined) {
      lacks.push(clash);
      continue;
    }
    await using held = new DisposalStack();
    const lock = await lockNetwork(host, cidr);
    if (lock === undefined) {
      lacks.push(`another cluster of this machine has its load balancers in ${cidr}`);
      continue;
    }
    held.use(lock);
    const { holdLocalNetwork } = await import('@fairway/node-agent');
    held.use(await holdLocalNetwork(host, cidr));
    const all = held.move();
    return { kind: 'network', cidr, [Symbol.asyncDispose]: () => all[Symbol.asyncDispose]() };
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

function shareAddresses(one: string, other: string): boolean {
  const base = (cidr: string): string => cidr.split('/')[0] ?? '';
  return isInNetwork(base(one), other) || isInNetwork(base(other), one);
}
