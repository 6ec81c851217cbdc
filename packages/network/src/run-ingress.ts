import { type Logger, type Secret, untilAborted } from '@fairway/host';
import type { Service } from '@fairway/kinds/core/v1';
import { IngressClass } from '@fairway/kinds/networking/v1';
import { isGlobalAddress } from '@fairway/protocol/nodejs';
import {
  type ComponentApi,
  clientAs,
  createEventRecorder,
  createInformers,
  unlessOutdated,
} from '@fairway/reconcile';
import { ExternalNames, type Lookup } from './ingress/external-names.ts';
import { followBackends } from './ingress/find-backends.ts';
import { followIngresses } from './ingress/follow-ingresses.ts';
import { ingressClass } from './ingress/ingress-class.ts';
import { keepIngressStatus } from './ingress/keep-ingress-status.ts';
import { type IngressPorts, type OpenIngress, openIngress } from './ingress/open-ingress.ts';
import { ReachedAddresses } from './ingress/reached-addresses.ts';
import { administrator } from './network-users.ts';
import { type LocalServiceParts, keepLocalService } from './keep-local-service.ts';
import type { Backend } from './service-backends.ts';

/** Where clients reach an ingress. */
export type IngressPlace =
  | {
      /** Behind the service `fairway-ingress`, a load balancer, once there is an ingress. */
      readonly kind: 'service';
      readonly nodeName: string;
      /** Of the node, where a free port is taken. */
      readonly address: string;
    }
  | (IngressPorts & {
      /** On ports of the machine, from the start. */
      readonly kind: 'ports';
      /** By which clients know the machine. */
      readonly addresses: readonly string[];
    });

export interface IngressOptions extends ComponentApi {
  readonly logger: Logger;
  readonly place: IngressPlace;
  /** For clients that ask for no name that an ingress has a certificate for. */
  readonly certificate: { readonly certificate: string; readonly key: Secret };
  /** Whether a place is one that nobody is to be led to, such as the API server. */
  readonly isProtected: (place: Backend) => boolean;
  readonly lookup: Lookup;
  /** Of the file with a line for each request. */
  readonly accessLogPath: string;
}

/**
 * Serves the ingresses of the class `fairway`, which it makes the default one of a new cluster, until the
 * signal aborts.
 *
 * Errors: `ListenError`, what the API answers.
 */
export async function runIngress(options: IngressOptions, signal: AbortSignal): Promise<void> {
  const { logger, place, clock, random, lookup } = options;
  const client = clientAs(options, administrator, 'ingress/fairway');
  const informers = options.informers ?? createInformers({ client, signal, logger });
  const stopping = new AbortController();
  const both = AbortSignal.any([signal, stopping.signal]);
  const aborted = untilAborted(both);
  const recorder = createEventRecorder({
    client,
    component: 'fairway-ingress',
    signal: both,
    logger,
  });
  try {
    await unlessOutdated(client.create(IngressClass, ingressClass));
    const followed = followIngresses(informers, both);
    if (place.kind === 'service') await Promise.race([followed.untilServed(), aborted]);
    if (both.aborted) return;
    const reached = new ReachedAddresses(place.kind === 'ports' ? place.addresses : []);
    // Not round in circles either.
    const mayLeadTo = (each: Backend): boolean =>
      isGlobalAddress(each.address) &&
      !options.isProtected(each) &&
      !reached.now.includes(each.address);
    const { findBackends, synced } = followBackends(
      {
        informers,
        externalNames: new ExternalNames({ lookup, clock }),
        mayLeadTo,
      },
      both,
    );
    await Promise.race([Promise.all([followed.synced, synced]), aborted]);
    await using opened = await openIngress({
      ...options,
      ...portsOf(place),
      followed,
      findBackends,
    });
    logger.info('ingresses are served', { http: opened.http, https: opened.https });
    const shared = { client, informers, clock, random, logger };
    const keeping = [
      keepIngressStatus({ ...shared, followed, findBackends, reached, recorder }, both),
      ...(place.kind === 'service'
        ? [keepLocalService({ ...shared, ...serviceOf(place, opened, reached) }, both)]
        : []),
    ];
    try {
      await Promise.race(keeping);
    } finally {
      stopping.abort();
      await Promise.allSettled(keeping);
    }
  } finally {
    stopping.abort();
    await recorder.flushed();
  }
}

function portsOf(place: IngressPlace): IngressPorts {
  if (place.kind === 'ports') return place;
  const free = { host: place.address, port: 0 };
  return { http: free, https: free };
}

/** A load balancer like that of an ingress in pods; its programs see who has come. */
function serviceOf(
  { address, nodeName }: IngressPlace & { readonly kind: 'service' },
  { http, https }: OpenIngress,
  reached: ReachedAddresses,
): Pick<LocalServiceParts, 'service' | 'address' | 'nodeName' | 'ports' | 'onFound'> {
  const ports = [
    { name: 'http', port: 80, at: http?.port ?? 0 },
    { name: 'https', port: 443, at: https?.port ?? 0 },
  ] as const;
  const service: Service = {
    metadata: { namespace: 'kube-system', name: 'fairway-ingress' },
    spec: {
      type: 'LoadBalancer',
      externalTrafficPolicy: 'Local',
      ports: ports.map(({ name, port, at }) => ({ name, port, targetPort: at })),
    },
  };
  return {
    service,
    address,
    nodeName,
    ports: ports.map(({ name, at }) => ({ name, port: at, protocol: 'TCP' })),
    onFound: ({ status }) =>
      reached.set((status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? [])),
  };
}
