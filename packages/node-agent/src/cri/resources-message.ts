import type { ContainerResources } from '../runtime/container.ts';
import type { CriMessage } from './messages.ts';

/** What a container may take, as CRI is told; there, what is zero is not bounded. */
export function resourcesMessage(
  resources: ContainerResources,
): CriMessage<'LinuxContainerResources'> {
  const { cpuPeriodUs, cpuQuotaUs, cpuShares, memoryBytesMax, oomScoreAdjustment } = resources;
  return {
    cpuPeriod: cpuPeriodUs ?? 0,
    cpuQuota: cpuQuotaUs ?? 0,
    cpuShares: cpuShares ?? 0,
    memoryLimitInBytes: memoryBytesMax ?? 0,
    oomScoreAdj: oomScoreAdjustment ?? 0,
    hugepageLimits: Object.entries(resources.hugepageBytesMax ?? {}).map(([size, limit]) => ({
      pageSize: kernelPageSize(size),
      limit,
    })),
  };
}

/** `2Mi` of Kubernetes is `2MB` in the names of the kernel's files. */
function kernelPageSize(size: string): string {
  return size.replace(/i?$/, 'B');
}
