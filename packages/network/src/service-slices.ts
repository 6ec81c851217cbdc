import type { Endpoint, EndpointPort, EndpointSlice } from '@fairway/kinds/discovery/v1';
import type { DeepReadonly } from '@fairway/protocol';
import { type Informer, formatKey } from '@fairway/reconcile';

/** On a slice: the service that it is of. */
export const serviceNameLabel = 'kubernetes.io/service-name';

const serviceIndex = 'serviceName';

/** Finds slices by the key of their service. All who follow the same slices share one index. */
export function slicesByService(
  slices: Informer<EndpointSlice>,
): (serviceKey: string) => readonly DeepReadonly<EndpointSlice>[] {
  slices.addIndex(serviceIndex, serviceKeyOf);
  return (serviceKey) => slices.by(serviceIndex, serviceKey);
}

/** The key of the service that a slice is of. */
export function serviceKeyOf({ metadata }: DeepReadonly<EndpointSlice>): string | undefined {
  const name = metadata?.labels?.[serviceNameLabel];
  return name === undefined ? undefined : formatKey({ namespace: metadata?.namespace ?? '', name });
}

/** Without endpoints, and without ports, a slice has null in their place, whatever its type says. */
export function endpointsOf(slice: DeepReadonly<EndpointSlice>): readonly DeepReadonly<Endpoint>[] {
  return slice.endpoints ?? [];
}

export function portsOf(slice: DeepReadonly<EndpointSlice>): readonly DeepReadonly<EndpointPort>[] {
  return slice.ports ?? [];
}

/**
 * Whether what comes for a service may be sent to one of its endpoints; who does not say is ready.
 *
 * Source: discovery.k8s.io/v1 EndpointConditions.
 */
export function isReady({ conditions }: Pick<DeepReadonly<Endpoint>, 'conditions'>): boolean {
  return conditions?.ready !== false;
}
