import type { Container, LifecycleHandler, Probe } from '@fairway/kinds/core/v1';
import {
  type Control,
  containersOf,
  control,
  named,
  plural,
  quoted,
  sorted,
  uses,
} from './control.ts';

export const hostNamespaces: Control = control(({ spec }) => {
  const fields = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((name) => spec[name]);
  if (fields.length === 0) return undefined;
  return { reason: 'host namespaces', detail: fields.map((name) => `${name}=true`).join(', ') };
});

export const hostPorts: Control = control((pod) => {
  const { names, values } = usesOf(containersOf(pod), ({ ports = [] }) =>
    ports.flatMap(({ hostPort = 0 }) => (hostPort === 0 ? [] : [String(hostPort)])),
  );
  if (names.length === 0) return undefined;
  const what = `${plural('hostPort', values)} ${values.join(', ')}`;
  return { reason: 'hostPort', detail: `${named('container', names)} ${uses(names)} ${what}` };
});

/** A probe or hook that names a host is sent there by the kubelet, past network policies. */
export const hostProbes: Control = control((pod) => {
  const { names, values } = usesOf(
    containersOf(pod),
    ({ livenessProbe, readinessProbe, startupProbe, lifecycle }) =>
      [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop]
        .flatMap(hostsOf)
        .filter((host) => host !== ''),
  );
  if (names.length === 0) return undefined;
  const what = `${plural('probe or lifecycle host', values)} ${quoted(values)}`;
  return {
    reason: 'probe or lifecycle host',
    detail: `${named('container', sorted(names))} ${uses(names)} ${what}`,
  };
}, 34);

function hostsOf(handler: Probe | LifecycleHandler | undefined): readonly string[] {
  return [handler?.httpGet?.host ?? '', handler?.tcpSocket?.host ?? ''];
}

/** Which containers use any, and what all of them use. */
function usesOf(
  containers: readonly Container[],
  read: (container: Container) => readonly string[],
): { readonly names: readonly string[]; readonly values: readonly string[] } {
  const used = containers.map((each) => [each.name, read(each)] as const);
  return {
    names: used.filter(([, values]) => values.length > 0).map(([name]) => name),
    values: sorted(used.flatMap(([, values]) => values)),
  };
}
