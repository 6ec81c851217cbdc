import type { Pod, Service } from '@fairway/kinds/core/v1';
import type { Ingress } from '@fairway/kinds/networking/v1';

import { addressWarnings } from './addresses.ts';

export function* podStatusWarnings({ status }: Pod): Iterable<string> {
  for (const [index, { ip }] of (status?.podIPs ?? []).entries()) {
    yield* addressWarnings(ip, `status.podIPs[${index}].ip`);
  }
  for (const [index, { ip }] of (status?.hostIPs ?? []).entries()) {
    yield* addressWarnings(ip, `status.hostIPs[${index}].ip`);
  }
}

/** Of services and of ingresses, which have the field alike. */
export function* loadBalancerStatusWarnings({
  status,
}: Pick<Service | Ingress, 'status'>): Iterable<string> {
  for (const [index, { ip }] of (status?.loadBalancer?.ingress ?? []).entries()) {
    yield* addressWarnings(ip, `status.loadBalancer.ingress[${index}]`);
  }
}
