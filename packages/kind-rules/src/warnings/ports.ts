import type { Container, ContainerPort } from '@fairway/kinds/core/v1';

interface Seen {
  readonly port: ContainerPort;
  readonly at: string;
  /** How many ports came before. */
  readonly order: number;
}

/** Ports that the containers of one pod declare more than once, or in a way that has no effect. */
export function* portWarnings(
  containers: Iterable<readonly [container: Container, path: string]>,
): Iterable<string> {
  const byNumber = new Map<string, PortGroup>();
  const byName = new Map<string, Seen>();
  let order = 0;
  for (const [{ ports = [] }, path] of containers) {
    for (const [index, port] of ports.entries()) {
      const seen = { port, at: `${path}.ports[${index}]`, order: order++ };
      yield* idleAddress(seen);
      const number = `${port.containerPort}/${port.protocol}`;
      const group = byNumber.get(number) ?? new PortGroup();
      byNumber.set(number, group);
      const others = group.inTheWayOf(seen);
      for (const other of others) yield describe(seen, other);
      yield* repeatedName(
        byName,
        seen,
        others.some((other) => isSame(seen, other)),
      );
      group.add(seen);
    }
  }
}

function* idleAddress({ port, at }: Seen): Iterable<string> {
  const { name = '', hostIP = '', hostPort = 0, containerPort, protocol } = port;
  if (hostIP === '' || hostPort !== 0) return;
  const shown = `{Name:${name} HostPort:0 ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`;
  yield `${at}: hostIP set without hostPort: ${shown}`;
}

/** Ports of one number and protocol, found by the port and address of the node that they take. */
class PortGroup {
  readonly #byHostPort = new Map<number, Seen[]>();
  readonly #byHostAddress = new Map<string, Seen[]>();
  readonly #all: Seen[] = [];

  add(seen: Seen): void {
    const { hostPort = 0, hostIP = '' } = seen.port;
    this.#all.push(seen);
    push(this.#byHostPort, hostPort, seen);
    push(this.#byHostAddress, `${hostPort}/${hostIP}`, seen);
  }

  /** Each of them is to be told, so no more are looked at than are sent. */
  inTheWayOf({ port: { hostPort = 0, hostIP = '' } }: Seen): readonly Seen[] {
    if (hostPort === 0) return this.#all;
    const here =
      hostIP === ''
        ? (this.#byHostPort.get(hostPort) ?? [])
        : [hostIP, ''].flatMap((ip) => this.#byHostAddress.get(`${hostPort}/${ip}`) ?? []);
    return [...(this.#byHostPort.get(0) ?? []), ...here].sort(
      (one, other) => one.order - other.order,
    );
  }
}

function push<Key>(map: Map<Key, Seen[]>, key: Key, seen: Seen): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [seen]);
  else known.push(seen);
}

function describe(seen: Seen, other: Seen): string {
  if (isSame(seen, other)) return `${seen.at}: duplicate port definition with ${other.at}`;
  const isIdle = (seen.port.hostPort ?? 0) === 0 || (other.port.hostPort ?? 0) === 0;
  const how = isIdle ? 'overlapping' : 'dangerously ambiguous';
  return `${seen.at}: ${how} port definition with ${other.at}`;
}

function isSame({ port: one }: Seen, { port: other }: Seen): boolean {
  return (
    (one.hostPort ?? 0) === (other.hostPort ?? 0) && (one.hostIP ?? '') === (other.hostIP ?? '')
  );
}

function* repeatedName(byName: Map<string, Seen>, seen: Seen, isToldOf: boolean): Iterable<string> {
  const { name = '' } = seen.port;
  if (name === '') return;
  const named = byName.get(name);
  if (named === undefined) byName.set(name, seen);
  else if (!isToldOf) {
    yield `${seen.at}: duplicate port name "${name}" with ${named.at}, services and probes that select ports by name will use ${named.at}`;
  }
}
