import type { Endpoints, Service } from '@fairway/kinds/core/v1';
import type { EndpointSlice } from '@fairway/kinds/discovery/v1';
import type { Ingress, NetworkPolicy } from '@fairway/kinds/networking/v1';

import { addressWarnings, networkWarnings } from './addresses.ts';

const topologyHints = 'service.kubernetes.io/topology-aware-hints';

export function* serviceWarnings({ metadata, spec }: Service): Iterable<string> {
  if (topologyHints in (metadata?.annotations ?? {})) {
    yield `annotation ${topologyHints} is deprecated, please use service.kubernetes.io/topology-mode instead`;
  }
  const { externalIPs = [], loadBalancerIP = '', trafficDistribution } = spec ?? {};
  const isExternal = spec?.type === 'ExternalName';
  const isHeadless = spec?.clusterIP === 'None' && !isExternal;
  if (!isHeadless && !isExternal) {
    for (const [index, address] of (spec?.clusterIPs ?? []).entries()) {
      yield* addressWarnings(address, `spec.clusterIPs[${index}]`);
    }
  }
  if (isHeadless) {
    if (loadBalancerIP !== '') yield `spec.loadBalancerIP ${ignored}`;
    if (externalIPs.length > 0) yield `spec.externalIPs ${ignored}`;
    if (spec.sessionAffinity === 'ClientIP') yield `spec.SessionAffinity ${ignored}`;
  }
  for (const [index, address] of externalIPs.entries()) {
    yield* addressWarnings(address, `spec.externalIPs[${index}]`);
  }
  if (externalIPs.length > 0 && !isHeadless && !isExternal) {
    yield 'spec.externalIPs is deprecated and may no longer be implemented in some clusters';
  }
  yield* addressWarnings(loadBalancerIP, 'spec.loadBalancerIP');
  for (const [index, range] of (spec?.loadBalancerSourceRanges ?? []).entries()) {
    yield* networkWarnings(range, `spec.loadBalancerSourceRanges[${index}]`);
  }
  if (externalIPs.length > 0 && isExternal) {
    yield 'spec.externalIPs is ignored when spec.type is "ExternalName"';
  }
  if ((spec?.externalName ?? '') !== '' && !isExternal) {
    yield 'spec.externalName is ignored when spec.type is not "ExternalName"';
  }
  if (trafficDistribution === 'PreferClose') {
    yield 'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"';
  }
}

const ignored = 'is ignored for headless services';

export function* ingressWarnings({ metadata }: Ingress, stored?: Ingress): Iterable<string> {
  const name = 'kubernetes.io/ingress.class';
  if (stored === undefined && name in (metadata?.annotations ?? {})) {
    yield `annotation "${name}" is deprecated, please use 'spec.ingressClassName' instead`;
  }
}

export function* networkPolicyWarnings({ spec }: NetworkPolicy): Iterable<string> {
  const { ingress = [], egress = [] } = spec ?? {};
  const peers = [
    ...ingress.map(({ from = [] }, index) => [from, `spec.ingress[${index}].from`] as const),
    ...egress.map(({ to = [] }, index) => [to, `spec.egress[${index}].to`] as const),
  ];
  for (const [blocks, path] of peers) {
    for (const [index, { ipBlock }] of blocks.entries()) {
      yield* networkWarnings(ipBlock?.cidr, `${path}[${index}].ipBlock.cidr`);
      for (const [at, range] of (ipBlock?.except ?? []).entries()) {
        yield* networkWarnings(range, `${path}[${index}].ipBlock.except[${at}]`);
      }
    }
  }
}

/** Controllers copy what they were given, and nobody reads what they are told. */
const slicesManager = 'endpointslice.kubernetes.io/managed-by';
const sliceControllers: readonly unknown[] = [
  'endpointslice-controller.k8s.io',
  'endpointslicemirroring-controller.k8s.io',
];

export function* endpointSliceWarnings(slice: EndpointSlice): Iterable<string> {
  const { addressType, endpoints, metadata } = slice;
  if (addressType === 'FQDN') yield 'spec.addressType: FQDN endpoints are deprecated';
  if (sliceControllers.includes(metadata?.labels?.[slicesManager])) return;
  for (const [index, { addresses }] of (endpoints ?? []).entries()) {
    for (const [at, address] of (addresses ?? []).entries()) {
      yield* addressWarnings(address, `endpoints[${index}].addresses[${at}]`);
    }
  }
}

export function* endpointsWarnings({ metadata, subsets }: Endpoints): Iterable<string> {
  const manager = metadata?.labels?.['endpoints.kubernetes.io/managed-by'];
  if (manager === 'endpoint-controller') return;
  for (const [index, { addresses, notReadyAddresses }] of (subsets ?? []).entries()) {
    for (const [at, { ip }] of (addresses ?? []).entries()) {
      yield* addressWarnings(ip, `subsets[${index}].addresses[${at}].ip`);
    }
    for (const [at, { ip }] of (notReadyAddresses ?? []).entries()) {
      yield* addressWarnings(ip, `subsets[${index}].notReadyAddresses[${at}].ip`);
    }
  }
}
