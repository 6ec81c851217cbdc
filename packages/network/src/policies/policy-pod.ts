import { isIPv4 } from 'node:net';
import { isPodOver } from '@fairway/kind-rules/pods';
import type { Container, Pod } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';

/** A pod as policies see it. */
export interface PolicyPod {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly nodeName: string;
  /** Of IPv4. */
  readonly addresses: readonly string[];
  readonly ports: readonly NamedPort[];
}

export interface NamedPort {
  readonly name: string;
  readonly protocol: PortProtocol;
  readonly port: number;
}

export type PortProtocol = (typeof portProtocols)[number];
export const portProtocols = ['TCP', 'UDP', 'SCTP'] as const;

/**
 * Undefined: no policy means this pod. It has no address yet, or gives it back, or has that of its node, whose
 * programs policies do not tell from one another.
 */
export function policyPodOf(
  pod: DeepReadonly<Pod>,
  addresses = addressesOf(pod),
): PolicyPod | undefined {
  const { metadata, spec } = pod;
  const usable = addresses.filter((address) => isIPv4(address));
  if (usable.length === 0 || spec?.hostNetwork === true || isPodOver(pod)) return undefined;
  return {
    namespace: metadata?.namespace ?? '',
    name: metadata?.name ?? '',
    labels: metadata?.labels ?? {},
    nodeName: spec?.nodeName ?? '',
    addresses: usable,
    ports: namedPorts(pod),
  };
}

function addressesOf({ status }: DeepReadonly<Pod>): readonly string[] {
  return (status?.podIPs ?? []).flatMap(({ ip }) => ip ?? []);
}

/** Of what runs as long as the pod does. */
function namedPorts({ spec }: DeepReadonly<Pod>): readonly NamedPort[] {
  const sidecars = (spec?.initContainers ?? []).filter(
    ({ restartPolicy }) => restartPolicy === 'Always',
  );
  const containers: readonly DeepReadonly<Container>[] = [...(spec?.containers ?? []), ...sidecars];
  return containers.flatMap(({ ports = [] }) =>
    ports.flatMap(({ name = '', protocol = 'TCP', containerPort: port }) =>
      name === '' || port === undefined ? [] : [{ name, protocol, port }],
    ),
  );
}
