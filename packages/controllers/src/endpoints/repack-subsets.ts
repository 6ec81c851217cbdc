import type { EndpointAddress, EndpointPort, EndpointSubset } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';

type Address = DeepReadonly<EndpointAddress>;
type Port = DeepReadonly<EndpointPort>;
type Subset = DeepReadonly<EndpointSubset>;

/**
 * Says the same as `subsets` in the fewest of them: addresses that serve the same ports stand together,
 * and each address once. Of one that is ready here and not there, not ready counts.
 *
 * Shape: sorted, so that the same addresses and ports always come out the same.
 */
export function repackSubsets(subsets: readonly Subset[]): readonly EndpointSubset[] {
  const byPort = new Map<string, { port: Port | undefined; hosts: Map<string, Host> }>();
  for (const { addresses = [], notReadyAddresses = [], ports = [] } of subsets) {
    const hosts: readonly Host[] = [
      ...addresses.map((address) => ({ address, isReady: true })),
      ...notReadyAddresses.map((address) => ({ address, isReady: false })),
    ];
    for (const port of ports.length === 0 ? [undefined] : ports) {
      const key = portKey(port);
      const known = byPort.get(key) ?? { port, hosts: new Map<string, Host>() };
      byPort.set(key, known);
      for (const host of hosts) {
        const name = addressKey(host.address);
        const before = known.hosts.get(name);
        if (before === undefined || before.isReady) known.hosts.set(name, host);
      }
    }
  }
  return join([...byPort.values()]).toSorted(bySubset);
}

interface Host {
  readonly address: Address;
  readonly isReady: boolean;
}

/** Ports that the same hosts serve become one subset, unless they have the same name. */
function join(
  served: readonly { readonly port: Port | undefined; readonly hosts: ReadonlyMap<string, Host> }[],
): readonly EndpointSubset[] {
  const byHosts = new Map<string, { hosts: readonly Host[]; ports: Port[] }[]>();
  for (const { port, hosts } of served) {
    const key = [...hosts]
      .map(([name, { isReady }]) => `${name} ${isReady}`)
      .toSorted()
      .join();
    const alike = byHosts.get(key) ?? [];
    byHosts.set(key, alike);
    const known = alike.find(({ ports }) => ports.every((each) => nameOf(each) !== nameOf(port)));
    if (known === undefined) {
      alike.push({ hosts: [...hosts.values()], ports: port === undefined ? [] : [port] });
    } else if (port !== undefined) known.ports.push(port);
  }
  return [...byHosts.values()]
    .flat()
    .filter(({ hosts }) => hosts.length > 0)
    .map(({ hosts, ports }) => {
      const addresses = addressesOf(hosts, true);
      const notReadyAddresses = addressesOf(hosts, false);
      return {
        ...(addresses.length === 0 ? {} : { addresses }),
        ...(notReadyAddresses.length === 0 ? {} : { notReadyAddresses }),
        ...(ports.length === 0 ? {} : { ports: ports.toSorted(by(portKey)) }),
      };
    });
}

function addressesOf(hosts: readonly Host[], isReady: boolean): readonly Address[] {
  return hosts
    .filter((host) => host.isReady === isReady)
    .map(({ address }) => address)
    .toSorted(by(addressKey));
}

function addressKey({ ip, targetRef }: Address): string {
  return `${ip} ${targetRef?.uid ?? ''}`;
}

function portKey(port: Port | undefined): string {
  if (port === undefined) return '';
  const { name = '', port: number, protocol = 'TCP', appProtocol = '' } = port;
  return [name, String(number).padStart(5, '0'), protocol, appProtocol].join(' ');
}

function nameOf(port: Port | undefined): string {
  return port?.name ?? '';
}

function bySubset(one: Subset, other: Subset): number {
  return by(subsetKey)(one, other);
}

function subsetKey({ ports = [], addresses = [], notReadyAddresses = [] }: Subset): string {
  return [...ports.map(portKey), ...[...addresses, ...notReadyAddresses].map(addressKey)].join();
}

function by<T>(key: (value: T) => string): (one: T, other: T) => number {
  return (one, other) => {
    const [first, second] = [key(one), key(other)];
    return first === second ? 0 : first < second ? -1 : 1;
  };
}
