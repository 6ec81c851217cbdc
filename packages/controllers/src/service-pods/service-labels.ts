import type { Service } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';

/** On what carries the addresses of a service that has no address of its own. */
export const headlessLabel = 'service.kubernetes.io/headless';

/** A service without an address of its own, whose pods are found by name. */
export function isHeadless({ spec }: DeepReadonly<Service>): boolean {
  const { clusterIP = '' } = spec ?? {};
  return clusterIP === '' || clusterIP === 'None';
}
