import { type Ruleset, digestOf, nftName } from '../nftables/ruleset.ts';
import { RulesetBuilder } from '../nftables/ruleset-builder.ts';
import { type NumberRange, formatAddresses } from './address-ranges.ts';
import type {
  AllowedPeers,
  AllowedPorts,
  AllowedTraffic,
  DirectedPolicy,
  IsolatedPod,
  PolicyPlan,
  SelectedPods,
} from './policy-plan.ts';

/** Where a packet goes on from a pod of each direction, and whose address stands there. */
const podMaps = { egress: 'leaving', ingress: 'entering' } as const;
const isolated = 'isolated';
const selves = 'selves';

/**
 * Every packet is judged, in both directions of its connection, by who began it (`ct original saddr`) and by who
 * answers (`ct reply saddr`), whatever service it was sent to: what is forbidden now ends at once, also within a
 * connection. The machine's own packets do not pass this hook, so that nothing keeps it from its pods. A packet
 * that the kernel knows no connection of cannot be judged.
 */
export const policyFrame = `
  map ${podMaps.egress} { type ipv4_addr : verdict; }
  map ${podMaps.ingress} { type ipv4_addr : verdict; }
  set ${isolated} { type ipv4_addr; }
  set ${selves} { type ipv4_addr . ipv4_addr; }
  chain forward {
    type filter hook forward priority 0;
    ct state { invalid, untracked } goto unknown
    ct original ip saddr . ct reply ip saddr @${selves} accept
    ct original ip saddr vmap @${podMaps.egress}
    goto arrive
  }
  chain arrive {
    ct reply ip saddr vmap @${podMaps.ingress}
    accept
  }
  chain unknown {
    ip saddr @${isolated} drop
    ip daddr @${isolated} drop
  }`;

/** The rules for what policies ask of this node. */
export function policyRuleset({ isolated: pods, policies }: PolicyPlan): Ruleset {
  const rules = new PolicyRules();
  for (const policy of policies) rules.addPolicy(policy);
  for (const pod of pods) rules.addPod(pod);
  return rules.ruleset;
}

class PolicyRules {
  readonly #building = new RulesetBuilder([...Object.values(podMaps), isolated, selves]);

  get ruleset(): Ruleset {
    return this.#building.ruleset;
  }

  addPolicy({ namespace, name, direction, allowed }: DirectedPolicy): void {
    this.#building.chain(
      nftName(direction, namespace, name),
      allowed.flatMap((traffic) => this.#allow(traffic, { namespace, direction })),
    );
  }

  addPod({ pod, direction, policies }: IsolatedPod): void {
    const { namespace, name, addresses } = pod;
    const map = podMaps[direction];
    const chain = nftName(map, namespace, name);
    const jumps = policies.map((each) => `jump ${nftName(direction, namespace, each)}`);
    this.#building.chain(chain, [...jumps, 'drop']);
    for (const address of addresses) {
      this.#building.element(map, address, `goto ${chain}`);
      this.#building.element(isolated, address);
      for (const other of addresses) this.#building.element(selves, `${address} . ${other}`);
    }
  }

  #allow(
    { peers, ports }: AllowedTraffic,
    { namespace, direction }: Pick<DirectedPolicy, 'namespace' | 'direction'>,
  ): readonly string[] {
    const ends = direction === 'ingress' ? 'accept' : 'goto arrive';
    const froms = peers === undefined ? [''] : this.#peers(peers, { namespace, direction });
    const tos = ports === undefined ? [''] : ports.map((each) => this.#ports(each, namespace));
    return froms.flatMap((from) => tos.map((to) => `${from}${to}${ends}`));
  }

  #peers(
    { pods, blocks }: AllowedPeers,
    { namespace, direction }: Pick<DirectedPolicy, 'namespace' | 'direction'>,
  ): readonly string[] {
    const address = direction === 'ingress' ? 'ct original ip saddr' : 'ct reply ip saddr';
    const ranges = blocks.map(formatAddresses);
    return [
      ...(pods === undefined ? [] : [`${address} @${this.#selected(pods, namespace)} `]),
      ...(ranges.length === 0 ? [] : [`${address} ${anyOf(ranges)} `]),
    ];
  }

  /** Other selectors are another set: no packet meets the rules of before with the pods of now. */
  #selected({ selectors, addresses }: SelectedPods, namespace: string): string {
    return this.#addresses(nftName('pods', namespace, digestOf(selectors)), addresses);
  }

  #ports({ protocol, ranges, named }: AllowedPorts, namespace: string): string {
    const those = `meta l4proto ${protocol.toLowerCase()} `;
    if (ranges === undefined) return those;
    const numbers = `ct reply proto-src ${anyOf(ranges.map(formatPorts))} `;
    if (named === undefined) return those + numbers;
    const set = nftName('ports', namespace, digestOf([named.name, protocol, ranges]));
    return `ct reply ip saddr @${this.#addresses(set, named.pods)} ${those}${numbers}`;
  }

  /** A set of addresses; what several rules put into it is in it. */
  #addresses(set: string, addresses: readonly string[]): string {
    this.#building.set(set, 'type ipv4_addr;');
    for (const address of addresses) this.#building.element(set, address);
    return set;
  }
}

/** A set without a name only where there are several: the kernel compares each new one with all of them. */
function anyOf(values: readonly string[]): string {
  return values.length === 1 ? values.join('') : `{ ${values.join(', ')} }`;
}

function formatPorts({ first, last }: NumberRange): string {
  return first === last ? String(first) : `${first}-${last}`;
}
