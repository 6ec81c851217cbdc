import { isDeepStrictEqual } from 'node:util';
import { type Ruleset, nftName } from '../nftables/ruleset.ts';
import { RulesetBuilder } from '../nftables/ruleset-builder.ts';
import type { Backend } from '../service-backends.ts';
import type { ServicePort } from './service-port.ts';

/** The maps and sets of the frame, which every ruleset fills. */
export const frameMaps = ['service-addresses', 'external-addresses', 'node-ports'] as const;
export const hairpins = 'hairpins';
export const refused = ['refused-addresses', 'refused-ports'] as const;
/** The addresses of all pods. */
export const pods = 'pods';

/** The rules for ports of services. */
export function serviceRuleset(ports: readonly ServicePort[]): Ruleset {
  const rules = new ServiceRules();
  for (const port of ports) rules.add(port);
  return rules.ruleset;
}

class ServiceRules {
  readonly #building = new RulesetBuilder([...frameMaps, hairpins, ...refused]);

  get ruleset(): Ruleset {
    return this.#building.ruleset;
  }

  add(port: ServicePort): void {
    const { protocol, clusterAddresses, externalAddresses, loadBalancer, nodePort } = port;
    const internal = this.#balance(port, 'internal', port.internalBackends);
    if (internal !== undefined) {
      for (const each of clusterAddresses) {
        this.#building.element(
          'service-addresses',
          `${each} . ${protocol} . ${port.port}`,
          `goto ${internal}`,
        );
      }
    }
    const entrances = [...externalAddresses, ...loadBalancer.addresses];
    const external = entrances.length > 0 || nodePort !== undefined ? this.#enter(port) : undefined;
    const admitted = external && this.#admit(port, external);
    this.#open(port, externalAddresses, external);
    this.#open(port, loadBalancer.addresses, admitted);
    // So that whoever no chain leads on is told.
    const isShut = port.externalBackends.length === 0;
    if (isShut) this.#open(port, externalAddresses, undefined);
    if (isShut || admitted !== external) this.#open(port, loadBalancer.addresses, undefined);
    if (nodePort === undefined) return;
    const key = `${protocol} . ${nodePort}`;
    if (isShut) this.#building.element('refused-ports', key);
    if (external !== undefined) this.#building.element('node-ports', key, `goto ${external}`);
  }

  /** Has addresses lead to a chain; without one they refuse what no chain has taken. */
  #open(
    { protocol, port }: ServicePort,
    addresses: readonly string[],
    chain: string | undefined,
  ): void {
    for (const each of addresses) {
      const key = `${each} . ${protocol} . ${port}`;
      if (chain === undefined) this.#building.element('refused-addresses', key);
      else this.#building.element('external-addresses', key, `goto ${chain}`);
    }
  }

  /** A chain that leads on those only who may use the load balancer. */
  #admit({ key, loadBalancer: { addresses, sources } }: ServicePort, chain: string): string {
    if (sources === undefined || addresses.length === 0) return chain;
    const admit = nftName('admit', key);
    this.#building.chain(
      admit,
      sources.map((each) => `ip saddr ${each} goto ${chain}`),
    );
    return admit;
  }

  /**
   * What comes from outside goes back by the way it came, so it is to look as if it came from here. Where the
   * program is on this node, that is so for what comes from the node itself only.
   */
  #enter(port: ServicePort): string | undefined {
    const external = this.#balance(port, 'external', port.externalBackends);
    const chain = nftName('enter', port.key);
    const mark = `meta mark set mark or ${returnMark}`;
    if (port.allBackends === undefined) {
      if (external === undefined) return undefined;
      this.#building.chain(chain, [mark, `goto ${external}`]);
      return chain;
    }
    const all = this.#balance(port, 'all', port.allBackends);
    if (all === undefined) return undefined;
    this.#building.chain(chain, [
      `ip saddr @${pods} goto ${all}`,
      `fib saddr type local ${mark}`,
      `fib saddr type local goto ${all}`,
      ...(external === undefined ? [] : [`goto ${external}`]),
    ]);
    return chain;
  }

  /** A chain that sends each connection to one of the backends; undefined without any. */
  #balance(port: ServicePort, from: string, backends: readonly Backend[]): string | undefined {
    if (backends.length === 0) return undefined;
    const { protocol, affinitySeconds } = port;
    // What goes to the same backends shares the rules for it.
    const isSame = isDeepStrictEqual(backends, port.internalBackends);
    const chain = nftName(isSame ? 'internal' : from, port.key);
    for (const { address } of backends) this.#building.element(hairpins, `${address} . ${address}`);
    if (affinitySeconds === undefined) {
      const ends = backends.map(
        (each) => `meta l4proto ${protocol} dnat to ${each.address}:${each.port}`,
      );
      this.#building.chain(chain, oneOf(ends));
      return chain;
    }
    const ends = backends.map((each) => this.#remember(port, chain, each));
    this.#building.chain(chain, [
      ...ends.map((each) => `ip saddr @${each.set} goto ${each.chain}`),
      ...oneOf(ends.map((each) => `goto ${each.chain}`)),
    ]);
    return chain;
  }

  /** A chain to one backend that notes who was sent there, and the set of those. */
  #remember(
    { protocol, affinitySeconds = 0 }: ServicePort,
    parent: string,
    { address, port }: Backend,
  ): { readonly chain: string; readonly set: string } {
    const chain = `to/${parent}/${address}/${port}`;
    // A set keeps the time that it was made with.
    const set = `clients/${affinitySeconds}/${parent}/${address}/${port}`;
    this.#building.set(set, `type ipv4_addr; flags dynamic, timeout; timeout ${affinitySeconds}s;`);
    this.#building.chain(chain, [
      `update @${set} { ip saddr }`,
      `meta l4proto ${protocol} dnat to ${address}:${port}`,
    ]);
    return { chain, set };
  }
}

/**
 * Rules of which one is followed, each as often as any other. A map in one rule would say it shorter, but the kernel
 * looks at all maps without a name for each new one: 2,000 services would take seconds.
 */
function oneOf(rules: readonly string[]): readonly string[] {
  return rules.map((rule, index) => {
    const left = rules.length - index;
    return left === 1 ? rule : `numgen random mod ${left} == 0 ${rule}`;
  });
}

/** On packets whose sender is replaced on their way out. */
export const returnMark = '0x4000';
