import type { ContainerResources } from '../runtime/container.ts';
import { cpuWeightOf } from './linux-amounts.ts';

/** What to write into which file of a cgroup, in this order. */
export type LimitFiles = readonly (readonly [file: string, text: string])[];

/** Limits as files of one controller, version 1. `-1`: none. Source: the kernel's documentation, cgroup-v1. */
export function limitFilesV1(controller: string, resources: ContainerResources): LimitFiles {
  const { cpuShares, cpuPeriodUs, cpuQuotaUs, memoryBytesMax, hugepageBytesMax = {} } = resources;
  switch (controller) {
    case 'cpu':
      return [
        ...(cpuShares === undefined ? [] : [['cpu.shares', String(cpuShares)] as const]),
        ...(cpuPeriodUs === undefined ? [] : [['cpu.cfs_period_us', String(cpuPeriodUs)] as const]),
        ['cpu.cfs_quota_us', String(cpuQuotaUs || -1)],
      ];
    case 'memory':
      return [['memory.limit_in_bytes', String(memoryBytesMax ?? -1)]];
    case 'hugetlb':
      return Object.entries(hugepageBytesMax).map(([size, bytes]) => [
        `hugetlb.${pageSize(size)}.limit_in_bytes`,
        String(bytes),
      ]);
    case 'pids':
      return pidsFiles(resources);
    default:
      return [];
  }
}

/** The same for version 2. Source: the kernel's documentation, cgroup-v2. */
export function limitFilesV2(controller: string, resources: ContainerResources): LimitFiles {
  const { cpuShares, cpuPeriodUs = 100_000, cpuQuotaUs, memoryBytesMax } = resources;
  switch (controller) {
    case 'cpu':
      return [
        ...(cpuShares === undefined
          ? []
          : [['cpu.weight', String(cpuWeightOf(cpuShares))] as const]),
        ['cpu.max', `${cpuQuotaUs || 'max'} ${cpuPeriodUs}`],
      ];
    case 'memory':
      return [['memory.max', String(memoryBytesMax ?? 'max')]];
    case 'hugetlb':
      return Object.entries(resources.hugepageBytesMax ?? {}).map(([size, bytes]) => [
        `hugetlb.${pageSize(size)}.max`,
        String(bytes),
      ]);
    case 'pids':
      return pidsFiles(resources);
    default:
      return [];
  }
}

function pidsFiles({ pidsMax }: ContainerResources): LimitFiles {
  return [['pids.max', String(pidsMax ?? 'max')]];
}

/** `2Mi` is `2MB` to the kernel. */
function pageSize(size: string): string {
  return size.replace(/i$/, 'B');
}
