import type { Service } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';
import { type LocalServiceParts, keepLocalService } from '../keep-local-service.ts';
import type { NameServer } from './ask-server.ts';

const place = { namespace: 'kube-system', name: 'kube-dns' };

export interface DnsServiceParts extends Pick<
  LocalServiceParts,
  'client' | 'informers' | 'clock' | 'random' | 'logger'
> {
  /** The cluster's address of the service, which pods are given. */
  readonly serviceAddress: string;
  /** Where the names are answered. */
  readonly server: NameServer;
}

/**
 * Keeps the service `kube-dns` as clusters have it, and has it lead to a server of names, until the signal aborts.
 * One with a selector is somebody else's, who runs a server in pods: it stays as it is.
 */
export function keepDnsService(parts: DnsServiceParts, signal: AbortSignal): Promise<void> {
  const { client, informers, clock, random, logger, server } = parts;
  const kept: LocalServiceParts = {
    client,
    informers,
    clock,
    random,
    logger,
    service: serviceOf(parts),
    address: server.address,
    ports: ports.map((port) => ({ ...port, port: server.port })),
    onFound: (service) => warnOfAddress(service, parts),
  };
  return keepLocalService(kept, signal);
}

/** Programs know the service by these. Source: the add-on CoreDNS of Kubernetes. */
const labels = {
  'k8s-app': 'kube-dns',
  'kubernetes.io/cluster-service': 'true',
  'kubernetes.io/name': 'CoreDNS',
};

const ports = [
  { name: 'dns', protocol: 'UDP' },
  { name: 'dns-tcp', protocol: 'TCP' },
] as const;

function serviceOf({ serviceAddress }: DnsServiceParts): Service {
  return {
    metadata: { ...place, labels },
    spec: {
      clusterIP: serviceAddress,
      ports: ports.map((port) => ({ ...port, port: 53, targetPort: 53 })),
    },
  };
}

function warnOfAddress(
  { spec }: DeepReadonly<Service>,
  { serviceAddress, logger }: DnsServiceParts,
): void {
  if (spec?.clusterIP === serviceAddress) return;
  const remedy = `delete the service ${place.namespace}/${place.name}, and it is made anew`;
  const fields = { address: spec?.clusterIP, wanted: serviceAddress, remedy };
  logger.warn('the service of names has another address than pods are told', fields);
}
