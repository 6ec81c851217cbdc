import type { ResourceClaim } from '@fairway/kinds/resource/v1';
import type { DeepReadonly } from '@fairway/protocol';
import type { Evaluator } from './evaluator.ts';
import { type Usage, addUsage, countedOf, one } from './usage.ts';

/** Claims of devices count with the devices that they may get, by class. */
export const deviceClaimEvaluator: Evaluator<DeepReadonly<ResourceClaim>> = {
  isOf: (name) => name === countName || name.endsWith(devices),
  usage: ({ spec }) => {
    const usage: Usage = new Map([[countName, one]]);
    for (const { exactly, firstAvailable = [] } of spec?.devices?.requests ?? []) {
      if (exactly !== undefined) addDevices(usage, exactly.deviceClassName, deviceCount(exactly));
      // One of them it will be: the most of each class counts.
      const most = new Map<string, number>();
      for (const each of firstAvailable) {
        const known = most.get(each.deviceClassName) ?? 0;
        most.set(each.deviceClassName, Math.max(known, deviceCount(each)));
      }
      for (const [className, count] of most) addDevices(usage, className, count);
    }
    return usage;
  },
  countsUpdates: true,
};

const countName = 'count/resourceclaims.resource.k8s.io';
/** `gpu.deviceclass.resource.k8s.io/devices` */
const devices = '.deviceclass.resource.k8s.io/devices';

/** Of who asks for all devices, as many as a claim can get. Source: resource.k8s.io/v1, AllocationResultsMaxSize. */
const allDevices = 32;

function addDevices(usage: Usage, className: string, count: number): void {
  addUsage(usage, `${className}${devices}`, countedOf(count));
}

function deviceCount({
  allocationMode,
  count,
}: {
  readonly allocationMode?: string;
  readonly count?: number;
}): number {
  return allocationMode === 'All' ? allDevices : (count ?? 1);
}
