import { formatQuantity, wholeOf } from '@fairway/protocol';
import { podContainers } from '../pod-lifecycle/pod-containers.ts';
import { type PodUse, containerDiskBytes } from './pod-use.ts';
import type { PressureCondition, Shortage } from './thresholds.ts';

/** Why a pod is evicted from a node that runs short, in the words of a kubelet 1.36. */
export function evictionMessage(use: PodUse, { resource, least, available }: Shortage): string {
  const isBytes = resource === 'memory' || resource === 'ephemeral-storage';
  const amount = (value: number): string => (isBytes ? bytesText(value) : String(value));
  const node =
    `The node was low on resource: ${resource}. ` +
    `Threshold quantity: ${amount(least)}, available: ${amount(available)}. `;
  if (!isBytes) return node;
  const specs = podContainers(use.pod);
  const containers = use.containers.flatMap((each) => {
    const found = specs.find(({ spec }) => spec.name === each.name);
    if (found === undefined) return [];
    const used = resource === 'memory' ? each.memoryBytes : containerDiskBytes(each);
    const request = found.spec.resources?.requests?.[resource] ?? '0';
    if (used <= wholeOf(request)) return [];
    const text = bytesText(used);
    return [
      `Container ${each.name} was using ${text}, request is ${request}, has larger consumption of ${resource}. `,
    ];
  });
  return node + containers.join('');
}

/** Why a node that is under pressure does not take a pod. */
export function pressureMessage(conditions: readonly PressureCondition[]): string {
  return `The node had condition: [${conditions.join(' ')}]. `;
}

function bytesText(bytes: number): string {
  return formatQuantity({ nanos: BigInt(bytes) * 1_000_000_000n, format: 'BinarySI' });
}
