import type { Container, ContainerPort } from '@fairway/kinds/core/v1';

interface Seen {
  readonly port: ContainerPort;
  readonly at: string;
}

/** Ports that the containers of one pod declare more than once. */
export function* portWarnings(
  containers: Iterable<readonly [container: Container, path: string]>,
): Iterable<string> {
  const byNumber = new Map<string, Seen>();
  const byName = new Map<string, Seen>();
  for (const [{ ports = [] }, path] of containers) {
    for (const [index, port] of ports.entries()) {
      const at = `${path}.ports[${index}]`;
      const number = `${port.protocol}/${port.containerPort}/${port.hostPort ?? 0}/${port.hostIP ?? ''}`;
      const same = byNumber.get(number);
      if (same === undefined) byNumber.set(number, { port, at });
      else yield `${at}: duplicate port definition with ${same.at}`;
      const { name = '' } = port;
      const named = byName.get(name);
      if (name === '') continue;
      if (named === undefined) byName.set(name, { port, at });
      else if (same === undefined) {
        yield `${at}: duplicate port name "${name}" with ${named.at}, services and probes that select ports by name will use ${named.at}`;
      }
    }
  }
}
