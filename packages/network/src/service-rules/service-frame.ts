import { frameMaps, hairpins, pods, refused, returnMark } from './service-ruleset.ts';

/** Which packets the rules of services are about. */
export interface ServiceRanges {
  /** Of all pods of the cluster. */
  readonly clusterCidr: string;
  /** Of all services. */
  readonly serviceCidr: string;
  /** Of load balancers, addresses that this machine has; absent: none. */
  readonly loadBalancerCidr?: string;
}

const [services, external, nodePorts] = frameMaps;
const [refusedAddresses, refusedPorts] = refused;

/** What every ruleset fills, and the chain by which pods come to services. */
function filledSets(clusterCidr: string): string {
  const address = 'type ipv4_addr . inet_proto . inet_service';
  const port = 'type inet_proto . inet_service';
  return `
  map ${services} { ${address} : verdict; }
  map ${external} { ${address} : verdict; }
  map ${nodePorts} { ${port} : verdict; }
  set ${hairpins} { type ipv4_addr . ipv4_addr; }
  set ${pods} { type ipv4_addr; flags interval; elements = { ${clusterCidr} }; }
  set ${refusedAddresses} { ${address}; }
  set ${refusedPorts} { ${port}; }
  chain services { ip daddr . meta l4proto . th dport vmap @${services}; }`;
}

/**
 * What the table has of a network that nobody but pods is in, and a program that is all addresses of services for
 * which there are no rules.
 */
export function podServiceFrame({ clusterCidr }: Pick<ServiceRanges, 'clusterCidr'>): string {
  return `${filledSets(clusterCidr)}
  chain prerouting {
    type nat hook prerouting priority dstnat;
    ip saddr ${clusterCidr} jump services
  }
  chain postrouting {
    type nat hook postrouting priority srcnat;
    ct status dnat ip saddr . ip daddr @${hairpins} masquerade
  }`;
}

/**
 * What every table has. Addresses of services mean something to pods of this cluster and to this machine only:
 * another cluster of the machine may have the same. `fib … local` are the addresses of the machine. The kernel
 * sends only so many messages of ICMP a second, so those who come by TCP are refused by TCP.
 */
export function serviceFrame({
  clusterCidr,
  serviceCidr,
  loadBalancerCidr,
}: ServiceRanges): string {
  const ours = [serviceCidr, loadBalancerCidr ?? []].flat();
  return `${filledSets(clusterCidr)}
  chain entrances {
    ip daddr . meta l4proto . th dport vmap @${external}
    ip daddr != 127.0.0.0/8 fib daddr type local meta l4proto . th dport vmap @${nodePorts}
  }
  chain prerouting {
    type nat hook prerouting priority dstnat;
    ip saddr ${clusterCidr} jump services
    jump entrances
  }
  chain output {
    type nat hook output priority -100;
    ip daddr ${serviceCidr} jump services
    jump entrances
  }
  chain postrouting {
    type nat hook postrouting priority srcnat;
    ct status dnat ip saddr . ip daddr @${hairpins} masquerade
    meta mark and ${returnMark} == ${returnMark} masquerade
    ip saddr ${clusterCidr} ip daddr != ${clusterCidr} oifname != "lo" masquerade
  }
  chain refuse {
    meta l4proto tcp reject with tcp reset
    reject
  }
  chain refusals {
${ours.map((cidr) => `    ip daddr ${cidr} goto refuse`).join('\n')}
    ip daddr . meta l4proto . th dport @${refusedAddresses} goto refuse
    fib daddr type local meta l4proto . th dport @${refusedPorts} goto refuse
  }
  chain input { type filter hook input priority 0; ct state new jump refusals; }
  chain forward { type filter hook forward priority 0; ct state new jump refusals; }
  chain leave { type filter hook output priority 0; ct state new jump refusals; }`;
}
