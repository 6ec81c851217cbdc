import type { Service } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';
import type { Evaluator } from './evaluator.ts';
import { type Usage, countedOf, one } from './usage.ts';

/** Services count with themselves, with their ports on nodes and with their load balancer. */
export const serviceEvaluator: Evaluator<DeepReadonly<Service>> = {
  isOf: isOfServices,
  usage: serviceUsage,
  countsUpdates: true,
};

const ofServices: ReadonlySet<string> = new Set([
  'count/services',
  'services',
  'services.nodeports',
  'services.loadbalancers',
]);

/** Whether a quota over `name` counts services. */
function isOfServices(name: string): boolean {
  return ofServices.has(name);
}

function serviceUsage({ spec = {} }: DeepReadonly<Service>): Usage {
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
