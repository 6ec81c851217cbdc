import type { Service } from '@fairway/kinds/core/v1';
import type { EndpointSlice } from '@fairway/kinds/discovery/v1';
import type { Ingress, NetworkPolicy } from '@fairway/kinds/networking/v1';

import { addressWarnings, networkWarnings } from './addresses.ts';

const topologyHints = 'service.kubernetes.io/topology-aware-hints';

export function* serviceWarnings({ metadata, spec }: Service): Iterable<string> {
  if (topologyHints in (metadata?.annotations ?? {})) {
    yield `annotation ${topologyHints} is deprecated, please use service.kubernetes.io/topology-mode instead`;
  }
  const { externalIPs = [], loadBalancerIP = '', trafficDistribution } = spec ?? {};
  const isHeadless = spec?.clusterIP === 'None' && spec.type !== 'ExternalName';
  if (isHeadless) {
    if (loadBalancerIP !== '') yield `spec.loadBalancerIP ${ignored}`;
    if (externalIPs.length > 0) yield `spec.externalIPs ${ignored}`;
    if (spec.sessionAffinity === 'ClientIP') yield `spec.SessionAffinity ${ignored}`;
  }
  for (const [index, address] of externalIPs.entries()) {
    yield* addressWarnings(address, `spec.externalIPs[${index}]`);
  }
  if (externalIPs.length > 0 && !isHeadless) {
    yield 'spec.externalIPs is deprecated and may no longer be implemented in some clusters';
  }
  yield* addressWarnings(loadBalancerIP, 'spec.loadBalancerIP');
  for (const [index, range] of (spec?.loadBalancerSourceRanges ?? []).entries()) {
    yield* networkWarnings(range, `spec.loadBalancerSourceRanges[${index}]`);
  }
  if ((spec?.externalName ?? '') !== '' && spec?.type !== 'ExternalName') {
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

export function* endpointSliceWarnings({ addressType }: EndpointSlice): Iterable<string> {
  if (addressType === 'FQDN') yield 'spec.addressType: FQDN endpoints are deprecated';
}
