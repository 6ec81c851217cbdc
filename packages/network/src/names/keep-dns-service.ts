import { isIPv6 } from 'node:net';
import type { Client } from '@fairway/client';
import type { Clock, Logger, Random } from '@fairway/host';
import { Service } from '@fairway/kinds/core/v1';
import { EndpointSlice } from '@fairway/kinds/discovery/v1';
import type { DeepReadonly } from '@fairway/protocol';
import {
  type Informers,
  formatKey,
  informerSource,
  keyOf,
  leanInformer,
  runReconcileLoop,
  unlessOutdated,
} from '@fairway/reconcile';
import { serviceNameLabel } from '../service-slices.ts';
import type { NameServer } from './ask-server.ts';
import { endpointsOf, portsOf } from './cluster-zone.ts';

const place = { namespace: 'kube-system', name: 'kube-dns' };
const key = formatKey(place);

export interface DnsServiceParts {
  /** May make and change the service and its endpoints. */
  readonly client: Client;
  readonly informers: Informers;
  /** The cluster's address of the service, which pods are given. */
  readonly serviceAddress: string;
  /** Where the names are answered. */
  readonly server: NameServer;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/**
 * Keeps the service `kube-dns` as clusters have it, and has it lead to a server of names, until the signal aborts.
 * One with a selector is somebody else's, who runs a server in pods: it stays as it is.
 */
export async function keepDnsService(parts: DnsServiceParts, signal: AbortSignal): Promise<void> {
  const { client, informers, clock, random, logger } = parts;
  const services = leanInformer(informers, Service);
  const slices = leanInformer(informers, EndpointSlice);
  const ofPlace = ({ object }: { readonly object: DeepReadonly<Service | EndpointSlice> }) =>
    keyOf(object) === key ? [key] : [];
  await runReconcileLoop(
    {
      name: 'dns-service',
      clock,
      random,
      logger,
      sources: [informerSource(services, ofPlace), informerSource(slices, ofPlace)],
      firstKeys: [key],
      async reconcile() {
        const service = services.get(key);
        if (service?.metadata?.deletionTimestamp !== undefined) return;
        if (service === undefined) await unlessOutdated(client.create(Service, serviceOf(parts)));
        else if (service.spec?.selector !== undefined) return;
        else warnOfAddress(service, parts);
        const wanted = sliceOf(parts);
        const slice = slices.get(key);
        if (slice === undefined) await unlessOutdated(client.create(EndpointSlice, wanted));
        else if (!leadsTo(slice, wanted)) {
          const metadata = { ...slice.metadata, labels: wanted.metadata?.labels ?? {} };
          await unlessOutdated(client.replace(EndpointSlice, { ...wanted, metadata }));
        }
      },
    },
    signal,
  );
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

function sliceOf({ server }: DnsServiceParts): EndpointSlice {
  return {
    metadata: {
      ...place,
      labels: {
        [serviceNameLabel]: place.name,
        'endpointslice.kubernetes.io/managed-by': 'fairway',
      },
    },
    addressType: isIPv6(server.address) ? 'IPv6' : 'IPv4',
    endpoints: [{ addresses: [server.address], conditions: { ready: true } }],
    ports: ports.map((port) => ({ ...port, port: server.port })),
  };
}

function leadsTo(slice: DeepReadonly<EndpointSlice>, wanted: EndpointSlice): boolean {
  const facts = (each: DeepReadonly<EndpointSlice>): string =>
    JSON.stringify([
      endpointsOf(each).map(({ addresses, conditions }) => [addresses, conditions?.ready]),
      portsOf(each).map(({ name, port, protocol }) => [name, port, protocol]),
      Object.entries(each.metadata?.labels ?? {}).toSorted(),
    ]);
  return facts(slice) === facts(wanted);
}

function warnOfAddress(
  { spec }: DeepReadonly<Service>,
  { serviceAddress, logger }: DnsServiceParts,
): void {
  if (spec?.clusterIP === serviceAddress) return;
  const remedy = `delete the service ${key}, and it is made anew`;
  const fields = { address: spec?.clusterIP, wanted: serviceAddress, remedy };
  logger.warn('the service of names has another address than pods are told', fields);
}
