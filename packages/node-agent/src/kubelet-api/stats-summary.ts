import type { FileSystemFacts } from '@fairway/host';
import { formatTime } from '@fairway/protocol';
import type { FilesystemUsage } from '../runtime/usage.ts';
import type { CpuRates } from './cpu-rates.ts';
import type { KubeletParts } from './kubelet-parts.ts';
import { type Measures, type PodMeasures, sumOf, takeMeasures } from './measures.ts';

type SummaryParts = Pick<KubeletParts, 'nodeName' | 'nodeUsage' | 'runtime' | 'pods'> & {
  readonly rates: CpuRates;
};

/** What `/stats/summary` tells. Source: kubelet, stats/v1alpha1 Summary. */
export async function statsSummary(parts: SummaryParts): Promise<object> {
  const [measures, filesystems] = await Promise.all([
    takeMeasures(parts),
    parts.runtime.filesystems(),
  ]);
  return {
    node: nodeStats(parts, measures, filesystems),
    pods: measures.pods.map((each) => podStats(parts, each)),
  };
}

function nodeStats(
  { nodeName, rates }: SummaryParts,
  { node }: Measures,
  filesystems: readonly FilesystemUsage[],
): object {
  const { timeMs, startedMs, memory, fileSystem } = node;
  const [images] = filesystems;
  return {
    nodeName,
    startTime: formatTime(startedMs),
    cpu: cpuStats(rates, { key: '', ...node }),
    memory: {
      time: formatTime(timeMs),
      availableBytes: memory.availableBytes,
      usageBytes: memory.usedBytes,
      workingSetBytes: memory.workingSetBytes,
    },
    fs: { time: formatTime(timeMs), ...roomStats(fileSystem) },
    ...(images === undefined ? {} : { runtime: { imageFs: filesystemStats(images) } }),
  };
}

function podStats({ rates }: SummaryParts, measures: PodMeasures): object {
  const { pod, containers } = measures;
  const { name = '', namespace = '', uid = '' } = pod.metadata ?? {};
  const { timeMs, cpuNanoseconds, workingSetBytes } = sumOf(measures);
  const { startTime } = pod.status ?? {};
  return {
    podRef: { name, namespace, uid },
    ...(startTime === undefined ? {} : { startTime }),
    containers: containers.map(({ name: container, startedMs, usage }) => ({
      name: container,
      startTime: formatTime(startedMs),
      cpu: cpuStats(rates, { key: usage.containerId, ...usage }),
      memory: {
        time: formatTime(usage.timeMs),
        usageBytes: usage.usedBytes,
        workingSetBytes: usage.workingSetBytes,
        rssBytes: usage.rssBytes,
      },
      ...(usage.writtenBytes === undefined
        ? {}
        : { rootfs: { time: formatTime(usage.timeMs), usedBytes: usage.writtenBytes } }),
    })),
    cpu: cpuStats(rates, { key: uid, timeMs, cpuNanoseconds }),
    memory: { time: formatTime(timeMs), workingSetBytes },
  };
}

function cpuStats(
  rates: CpuRates,
  used: { readonly key: string; readonly timeMs: number; readonly cpuNanoseconds: number },
): object {
  const usageNanoCores = rates.of(used);
  return {
    time: formatTime(used.timeMs),
    ...(usageNanoCores === undefined ? {} : { usageNanoCores }),
    usageCoreNanoSeconds: used.cpuNanoseconds,
  };
}

function roomStats({ sizeBytes, freeBytes, inodes, freeInodes }: FileSystemFacts): object {
  return {
    availableBytes: freeBytes,
    capacityBytes: sizeBytes,
    usedBytes: sizeBytes - freeBytes,
    inodesFree: freeInodes,
    inodes,
    inodesUsed: inodes - freeInodes,
  };
}

function filesystemStats({ timeMs, usedBytes, inodesUsed }: FilesystemUsage): object {
  return { time: formatTime(timeMs), usedBytes, inodesUsed };
}
