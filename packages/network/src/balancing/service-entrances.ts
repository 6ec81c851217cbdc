import { isIPv4 } from 'node:net';
import { inNetworks, isGlobalAddress } from '@fairway/protocol/nodejs';
import type { Backend } from '../service-backends.ts';
import type { ServicePort } from '../service-rules/service-port.ts';

/** A port of a service, and where what comes to it goes. */
export interface ServiceEntrance {
  /** Told from all others: `tcp 10.96.0.7:80`, `tcp node port 30080`. */
  readonly key: string;
  readonly protocol: 'tcp' | 'udp';
  /** In the network of the pods; undefined: it is entered by its key only, from outside. */
  readonly place: Backend | undefined;
  /** Of this machine, which leads to it. */
  readonly nodePort: number | undefined;
  /** So long a client stays with the backend that it had; undefined: each connection is on its own. */
  readonly affinitySeconds: number | undefined;
  /** None: who comes is refused. */
  readonly backends: readonly EntranceBackend[];
}

export interface EntranceBackend extends Backend {
  /** It is no pod of this node: the machine leads there. */
  readonly isOutside: boolean;
}

/** Where the node is whose pods are processes. */
export interface BalancedNetwork {
  /** The networks of the pods of this node. */
  readonly podCidrs: readonly string[];
  readonly serviceCidr: string;
  readonly nodeAddresses: readonly string[];
  /** Where others than services are in the network already, such as the way to the API server. */
  readonly taken: readonly Backend[];
}

/** What the program of a network is to be for ports of services, by keys. */
export function serviceEntrances(
  ports: readonly ServicePort[],
  network: BalancedNetwork,
): ReadonlyMap<string, ServiceEntrance> {
  const backends = new UsableBackends(ports, network);
  const entrances = ports.flatMap((port) => [
    ...entrancesOf(port, network, backends),
    ...nodePortEntrance(port, backends),
  ]);
  return new Map(entrances.map((each) => [each.key, each]));
}

/** The same for each of the ports, as pods come to it. */
export function clusterEntrances(
  ports: readonly ServicePort[],
  network: BalancedNetwork,
): (port: ServicePort) => readonly ServiceEntrance[] {
  const backends = new UsableBackends(ports, network);
  return (port) => entrancesOf(port, network, backends);
}

function entrancesOf(
  { protocol, port, clusterAddresses, affinitySeconds, internalBackends }: ServicePort,
  { taken }: BalancedNetwork,
  backends: UsableBackends,
): readonly ServiceEntrance[] {
  if (protocol === 'sctp') return [];
  return clusterAddresses
    .filter((address) => !taken.some((each) => each.address === address && each.port === port))
    .map((address) => ({
      key: `${protocol} ${address}:${port}`,
      protocol,
      place: { address, port },
      nodePort: undefined,
      affinitySeconds,
      backends: backends.of(internalBackends, protocol),
    }));
}

function nodePortEntrance(
  { protocol, nodePort, affinitySeconds, externalBackends }: ServicePort,
  backends: UsableBackends,
): readonly ServiceEntrance[] {
  if (protocol !== 'tcp' || nodePort === undefined) return [];
  return [
    {
      key: `tcp node port ${nodePort}`,
      protocol,
      place: undefined,
      nodePort,
      affinitySeconds,
      backends: backends.of(externalBackends, protocol),
    },
  ];
}

/** Leaves out where nobody may be led to, and what would lead in circles. */
class UsableBackends {
  readonly #isOfPods: (address: string) => boolean;
  readonly #isOfServices: (address: string) => boolean;
  readonly #nodeAddresses: readonly string[];
  readonly #nodePorts: ReadonlySet<number>;

  constructor(
    ports: readonly ServicePort[],
    { podCidrs, serviceCidr, nodeAddresses }: BalancedNetwork,
  ) {
    this.#isOfPods = inNetworks(podCidrs);
    this.#isOfServices = inNetworks([serviceCidr]);
    this.#nodeAddresses = nodeAddresses;
    this.#nodePorts = new Set(ports.flatMap(({ nodePort }) => nodePort ?? []));
  }

  of(backends: readonly Backend[], protocol: 'tcp' | 'udp'): readonly EntranceBackend[] {
    return backends.flatMap((backend) => {
      if (!this.#isUsable(backend)) return [];
      const isOutside = !this.#isOfPods(backend.address);
      // Datagrams are not led out of the network.
      return isOutside && protocol === 'udp' ? [] : [{ ...backend, isOutside }];
    });
  }

  #isUsable({ address, port }: Backend): boolean {
    const isNodePort = this.#nodeAddresses.includes(address) && this.#nodePorts.has(port);
    return (
      isIPv4(address) && isGlobalAddress(address) && !this.#isOfServices(address) && !isNodePort
    );
  }
}
