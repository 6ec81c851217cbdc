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
import { endpointsOf, portsOf, serviceNameLabel } from './service-slices.ts';

/** A service whose program is a part of this process. */
export interface LocalService {
  /** With a name and a namespace, and without a selector. */
  readonly service: Service;
  /** Where the program listens. */
  readonly address: string;
  /** By the names of the ports of the service, all of which lead to it. */
  readonly ports: EndpointSlice['ports'];
  /** The node that the address is of; absent: of none. */
  readonly nodeName?: string;
}

export interface LocalServiceParts extends LocalService {
  /** May make and change the service and its endpoints. */
  readonly client: Client;
  readonly informers: Informers;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Sees the service whenever it is looked at. */
  readonly onFound?: (service: DeepReadonly<Service>) => void;
}

/**
 * Keeps a service, and has it lead to this process, until the signal aborts. One with a selector is somebody
 * else's, who runs the program in pods: it stays as it is.
 */
export async function keepLocalService(
  parts: LocalServiceParts,
  signal: AbortSignal,
): Promise<void> {
  const { client, informers, clock, random, logger, onFound } = parts;
  const { name = '', namespace = '' } = parts.service.metadata ?? {};
  const key = formatKey({ namespace, name });
  const services = leanInformer(informers, Service);
  const slices = leanInformer(informers, EndpointSlice);
  const ofPlace = ({ object }: { readonly object: DeepReadonly<Service | EndpointSlice> }) =>
    keyOf(object) === key ? [key] : [];
  await runReconcileLoop(
    {
      name: `${name}-service`,
      clock,
      random,
      logger,
      sources: [informerSource(services, ofPlace), informerSource(slices, ofPlace)],
      firstKeys: [key],
      async reconcile() {
        const service = services.get(key);
        if (service?.metadata?.deletionTimestamp !== undefined) return;
        if (service === undefined) await unlessOutdated(client.create(Service, parts.service));
        else if (service.spec?.selector !== undefined) return;
        else onFound?.(service);
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

function sliceOf({ service, address, ports, nodeName }: LocalService): EndpointSlice {
  const { name = '', namespace = '' } = service.metadata ?? {};
  return {
    metadata: {
      namespace,
      name,
      labels: {
        [serviceNameLabel]: name,
        'endpointslice.kubernetes.io/managed-by': 'fairway',
      },
    },
    addressType: isIPv6(address) ? 'IPv6' : 'IPv4',
    endpoints: [
      {
        addresses: [address],
        conditions: { ready: true },
        ...(nodeName === undefined ? {} : { nodeName }),
      },
    ],
    ports: ports ?? [],
  };
}

function leadsTo(slice: DeepReadonly<EndpointSlice>, wanted: EndpointSlice): boolean {
  const facts = (each: DeepReadonly<EndpointSlice>): string =>
    JSON.stringify([
      endpointsOf(each).map(({ addresses, conditions, nodeName }) => [
        addresses,
        conditions?.ready,
        nodeName,
      ]),
      portsOf(each).map(({ name, port, protocol }) => [name, port, protocol]),
      Object.entries(each.metadata?.labels ?? {}).toSorted(),
    ]);
  return facts(slice) === facts(wanted);
}
