import type { Container, Pod, Service, ServicePort } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';

/** Where a pod serves a port of a service. */
export interface TargetPort {
  /** That of the service's port; empty where it has none. */
  readonly name: string;
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  readonly appProtocol?: string;
}

/** The ports of a service on one pod. A named port that the pod does not have is not among them. */
export function portsOnPod(
  { spec }: DeepReadonly<Service>,
  pod: DeepReadonly<Pod>,
): readonly TargetPort[] {
  return (spec?.ports ?? []).flatMap((servicePort) => {
    const { name = '', appProtocol } = servicePort;
    const protocol = servicePort.protocol ?? 'TCP';
    const port = numberOnPod(servicePort, pod);
    if (port === undefined) return [];
    return [{ name, port, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) }];
  });
}

function numberOnPod(
  { targetPort, port, protocol = 'TCP' }: DeepReadonly<ServicePort>,
  { spec }: DeepReadonly<Pod>,
): number | undefined {
  if (typeof targetPort !== 'string') return Number(targetPort ?? port);
  const sidecars = (spec?.initContainers ?? []).filter(
    ({ restartPolicy }) => restartPolicy === 'Always',
  );
  const containers: readonly DeepReadonly<Container>[] = [...(spec?.containers ?? []), ...sidecars];
  const ports = containers.flatMap((container) => container.ports ?? []);
  const named = ports.find(
    (each) => each.name === targetPort && (each.protocol ?? 'TCP') === protocol,
  );
  return named?.containerPort;
}
