import { Namespace, Service } from '@fairway/kinds/core/v1';
import { EndpointSlice } from '@fairway/kinds/discovery/v1';
import type { DeepReadonly } from '@fairway/protocol';
import { type Informers, formatKey, leanInformer } from '@fairway/reconcile';
import { endpointsOf, slicesByService } from '../service-slices.ts';
import { canonicalAddress } from './reverse-name.ts';

/** What the names of a cluster are made of. */
export interface ClusterZone {
  /** `cluster.local`, in lower case. */
  readonly domain: string;
  /** Where pods ask for names. */
  readonly serverAddresses: readonly string[];
  /** Grows with every change. */
  serial(): number;
  hasNamespace(name: string): boolean;
  service(namespace: string, name: string): DeepReadonly<Service> | undefined;
  slicesOf(namespace: string, service: string): readonly DeepReadonly<EndpointSlice>[];
  /** By an address as `canonicalAddress` writes it. */
  servicesAt(address: string): readonly DeepReadonly<Service>[];
  slicesAt(address: string): readonly DeepReadonly<EndpointSlice>[];
}

/** A zone that changes with the cluster; whole once `synced` has resolved. */
export function followZone(
  informers: Informers,
  place: Pick<ClusterZone, 'domain' | 'serverAddresses'>,
): ClusterZone & { readonly synced: Promise<unknown> } {
  const namespaces = leanInformer(informers, Namespace, { as: 'metadata' });
  const services = leanInformer(informers, Service);
  const slices = leanInformer(informers, EndpointSlice);
  services.addIndex('clusterAddress', addressesOfService);
  const slicesOf = slicesByService(slices);
  slices.addIndex('endpointAddress', addressesOfSlice);
  const all = [namespaces, services, slices];
  return {
    ...place,
    serial: () =>
      Number(BigInt.asUintN(32, BigInt(services.resourceVersion) + BigInt(slices.resourceVersion))),
    hasNamespace: (name) => namespaces.get(name) !== undefined,
    service: (namespace, name) => services.get(formatKey({ namespace, name })),
    slicesOf: (namespace, name) => slicesOf(formatKey({ namespace, name })),
    servicesAt: (address) => services.by('clusterAddress', address),
    slicesAt: (address) => slices.by('endpointAddress', address),
    synced: Promise.all(all.map(({ synced }) => synced)),
  };
}

/** The cluster's addresses of a service; none for one that is headless or a name for another. */
export function clusterAddresses({ spec }: DeepReadonly<Service>): readonly string[] {
  const { clusterIP = '', clusterIPs = [clusterIP], type } = spec ?? {};
  if (type === 'ExternalName') return [];
  return clusterIPs.filter((address) => address !== '' && address !== 'None');
}

function addressesOfService(service: DeepReadonly<Service>): readonly string[] {
  return clusterAddresses(service).map(canonicalAddress);
}

function addressesOfSlice(slice: DeepReadonly<EndpointSlice>): readonly string[] {
  return endpointsOf(slice).flatMap(({ addresses }) => addresses.map(canonicalAddress));
}
