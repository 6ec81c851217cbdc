import type { PodSpec } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';

/** A port of its node that a pod takes. */
export interface HostPort {
  /** `anyAddress`: of every address. */
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

/** Where a port is taken that names no address. */
export const anyAddress = '0.0.0.0';

/** The ports of its node that a pod takes while it runs: those of its sidecars and containers. */
export function hostPorts({
  containers,
  initContainers = [],
}: DeepReadonly<Pick<PodSpec, 'containers' | 'initContainers'>>): readonly HostPort[] {
  const sidecars = initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...sidecars, ...containers].flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostIP, hostPort = 0, protocol = 'TCP' }) =>
      hostPort > 0 ? [{ ip: hostIP || anyAddress, protocol, port: hostPort }] : [],
    ),
  );
}
