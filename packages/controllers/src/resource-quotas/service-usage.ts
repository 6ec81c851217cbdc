import type { Service } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';
import { type Usage, countedOf, one } from './usage.ts';

const ofServices: ReadonlySet<string> = new Set([
  'count/services',
  'services',
  'services.nodeports',
  'services.loadbalancers',
]);

/** Whether a quota over `name` counts services. */
export function isOfServices(name: string): boolean {
  return ofServices.has(name);
}

/** What a service counts with: itself, its ports on nodes, and its load balancer. */
export function serviceUsage({ spec = {} }: DeepReadonly<Service>): Usage {
  const { type, ports = [], allocateLoadBalancerNodePorts } = spec;
  const isBalanced = type === 'LoadBalancer';
  const hasOnlyOwn = isBalanced && allocateLoadBalancerNodePorts === false;
  const onNodes = hasOnlyOwn ? ports.filter(({ nodePort }) => nodePort) : ports;
  const isOnNodes = isBalanced || type === 'NodePort';
  return new Map([
    ['count/services', one],
    ['services', one],
    ['services.nodeports', countedOf(isOnNodes ? onNodes.length : 0)],
    ['services.loadbalancers', countedOf(isBalanced ? 1 : 0)],
  ]);
}
