import type { ContainerUsage } from '../runtime/usage.ts';
import type { RuntimePod } from '../runtime/pod-runtime.ts';
import type { ContainerRecord } from '../runtime/container.ts';
import type { MachineUsage } from '../node/machine-usage.ts';
import type { KubeletParts, NodePod } from './kubelet-parts.ts';

/** What this node and its pods use now. */
export interface Measures {
  readonly node: MachineUsage;
  readonly pods: readonly PodMeasures[];
}

export interface PodMeasures {
  readonly pod: NodePod;
  readonly containers: readonly {
    readonly name: string;
    readonly startedMs: number;
    readonly usage: ContainerUsage;
  }[];
}

type MeasureParts = Pick<KubeletParts, 'nodeUsage' | 'runtime' | 'pods'>;

/** Asks machine and runtime, the latter once for all containers. Pods in which nothing runs are left out. */
export async function takeMeasures({ nodeUsage, runtime, pods }: MeasureParts): Promise<Measures> {
  const [node, usages, running] = await Promise.all([
    nodeUsage(),
    runtime.usage(),
    runtime.listPods(),
  ]);
  const usageOf = new Map(usages.map((usage) => [usage.containerId, usage]));
  const podOf = new Map([...pods.all()].map((pod) => [pod.metadata?.uid ?? '', pod]));
  return {
    node,
    pods: running.flatMap((each) => {
      const pod = podOf.get(each.uid);
      const containers = measuredContainers(each, usageOf);
      return pod === undefined || containers.length === 0 ? [] : [{ pod, containers }];
    }),
  };
}

function measuredContainers(
  { containers }: RuntimePod,
  usageOf: ReadonlyMap<string, ContainerUsage>,
): PodMeasures['containers'] {
  return containers
    .filter(({ state }) => state === 'running')
    .flatMap((container) => {
      const usage = usageOf.get(container.id);
      return usage === undefined
        ? []
        : [{ name: container.name, startedMs: startOf(container), usage }];
    });
}

function startOf({ startedMs, createdMs }: ContainerRecord): number {
  return startedMs ?? createdMs;
}

/** What all containers of a pod use together, read at the time of the one that was read first. */
export function sumOf({ containers }: PodMeasures): {
  readonly timeMs: number;
  readonly cpuNanoseconds: number;
  readonly workingSetBytes: number;
} {
  const usages = containers.map(({ usage }) => usage);
  return {
    timeMs: Math.min(...usages.map(({ timeMs }) => timeMs)),
    cpuNanoseconds: usages.reduce((sum, { cpuNanoseconds }) => sum + cpuNanoseconds, 0),
    workingSetBytes: usages.reduce((sum, { workingSetBytes }) => sum + workingSetBytes, 0),
  };
}
