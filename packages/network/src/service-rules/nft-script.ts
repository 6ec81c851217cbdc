import { type Ruleset, frameMaps, hairpins, refused, returnMark } from './ruleset.ts';

/** A table of nftables, and which packets it is about. */
export interface NftTable {
  readonly name: string;
  /** Of all pods of the cluster. */
  readonly clusterCidr: string;
  /** Of all services. */
  readonly serviceCidr: string;
  /** Of load balancers, addresses that this machine has; absent: none. */
  readonly loadBalancerCidr?: string;
}

/** What makes the whole table anew, in one transaction. */
export function fullScript(table: NftTable, ruleset: Ruleset): string {
  const { name } = table;
  const none: Ruleset = { chains: new Map(), sets: new Map(), elements: new Map() };
  return [
    `add table ip ${name}`,
    `delete table ip ${name}`,
    `table ip ${name} {`,
    frame(table),
    '}',
    changeScript(table, none, ruleset),
  ].join('\n');
}

/** What takes the table away; no error where there is none. */
export function removalScript({ name }: NftTable): string {
  return `add table ip ${name}\ndelete table ip ${name}\n`;
}

/**
 * What makes one ruleset of another, in one transaction; empty where they are the same. What stays is not
 * touched: whoever was sent somewhere is remembered.
 */
export function changeScript({ name }: NftTable, before: Ruleset, after: Ruleset): string {
  const lines: string[] = [];
  for (const [set, definition] of after.sets) {
    if (before.sets.get(set) !== definition)
      lines.push(`add set ip ${name} ${set} { ${definition} }`);
  }
  const changed = [...after.chains].filter(
    ([chain, rules]) => !isSameList(before.chains.get(chain), rules),
  );
  // All of them first, for those that lead to each other.
  for (const [chain] of changed) lines.push(`add chain ip ${name} ${chain}`);
  for (const [chain, rules] of changed) {
    if (before.chains.has(chain)) lines.push(`flush chain ip ${name} ${chain}`);
    for (const rule of rules) lines.push(`add rule ip ${name} ${chain} ${rule}`);
  }
  for (const [map, elements] of after.elements) {
    const old = before.elements.get(map) ?? new Map<string, string>();
    const gone = [...old].filter(([key, value]) => elements.get(key) !== value);
    const added = [...elements].filter(([key, value]) => old.get(key) !== value);
    if (gone.length > 0) {
      lines.push(`delete element ip ${name} ${map} { ${gone.map(([key]) => key).join(', ')} }`);
    }
    if (added.length > 0) {
      const texts = added.map(([key, value]) => (value === '' ? key : `${key} : ${value}`));
      lines.push(`add element ip ${name} ${map} { ${texts.join(', ')} }`);
    }
  }
  const gone = [...before.chains.keys()].filter((chain) => !after.chains.has(chain));
  // A chain that another one leads to stays.
  for (const chain of gone) lines.push(`flush chain ip ${name} ${chain}`);
  for (const chain of gone) lines.push(`delete chain ip ${name} ${chain}`);
  for (const set of before.sets.keys()) {
    if (!after.sets.has(set)) lines.push(`delete set ip ${name} ${set}`);
  }
  return lines.map((line) => `${line}\n`).join('');
}

function isSameList(one: readonly string[] | undefined, other: readonly string[]): boolean {
  return one?.length === other.length && one.every((each, index) => each === other[index]);
}

/**
 * What every table has. Addresses of services mean something to pods of this cluster and to this machine only:
 * another cluster of the machine may have the same. `fib … local` are the addresses of the machine. The kernel
 * sends only so many messages of ICMP a second, so those who come by TCP are refused by TCP.
 */
function frame({ clusterCidr, serviceCidr, loadBalancerCidr }: NftTable): string {
  const ours = [serviceCidr, loadBalancerCidr ?? []].flat();
  const address = 'type ipv4_addr . inet_proto . inet_service';
  const port = 'type inet_proto . inet_service';
  const [services, external, nodePorts] = frameMaps;
  const [refusedAddresses, refusedPorts] = refused;
  return `
  map ${services} { ${address} : verdict; }
  map ${external} { ${address} : verdict; }
  map ${nodePorts} { ${port} : verdict; }
  set ${hairpins} { type ipv4_addr . ipv4_addr; }
  set ${refusedAddresses} { ${address}; }
  set ${refusedPorts} { ${port}; }
  chain services { ip daddr . meta l4proto . th dport vmap @${services}; }
  chain doors {
    ip daddr . meta l4proto . th dport vmap @${external}
    ip daddr != 127.0.0.0/8 fib daddr type local meta l4proto . th dport vmap @${nodePorts}
  }
  chain prerouting {
    type nat hook prerouting priority dstnat;
    ip saddr ${clusterCidr} jump services
    jump doors
  }
  chain output {
    type nat hook output priority -100;
    ip daddr ${serviceCidr} jump services
    jump doors
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
