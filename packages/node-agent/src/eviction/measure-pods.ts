import type { MachineFiles } from '@fairway/host';
import { podLogDirectory } from '../container-config/sandbox-config.ts';
import type { NodeFacts } from '../node/node-facts.ts';
import type { AnyPod } from '../pod-lifecycle/pod-containers.ts';
import type { PodRuntime } from '../runtime/pod-runtime.ts';
import type { PodVolumes } from '../volumes/pod-volumes.ts';
import type { ContainerUse, PodUse } from './pod-use.ts';

export interface PodMeasuring {
  readonly runtime: Pick<PodRuntime, 'usage'>;
  readonly volumes: Pick<PodVolumes, 'usage'>;
  readonly machineFiles: Pick<MachineFiles, 'usage' | 'entry'>;
  readonly node: NodeFacts;
}

/** What pods take of their node. Folders are counted only for those who need them: that takes time. */
export async function measurePods(
  { runtime, volumes, machineFiles, node }: PodMeasuring,
  pods: readonly AnyPod[],
  { countsFolders }: { readonly countsFolders: boolean },
): Promise<readonly PodUse[]> {
  const usages = await runtime.usage();
  return await Promise.all(
    pods.map(async (pod): Promise<PodUse> => {
      const uid = pod.metadata?.uid ?? '';
      const logs = podLogDirectory(pod, node);
      const containers = usages
        .filter(({ podUid }) => podUid === uid)
        .map(async ({ name, workingSetBytes, writtenBytes = 0 }): Promise<ContainerUse> => {
          const directory = `${logs}/${name}`;
          const isCounted =
            countsFolders && (await machineFiles.entry(directory))?.kind === 'directory';
          const log = isCounted ? await machineFiles.usage(directory) : undefined;
          return {
            name,
            memoryBytes: workingSetBytes,
            writtenBytes,
            logBytes: log?.usedBytes ?? 0,
            logInodes: log?.inodesUsed ?? 0,
          };
        });
      return {
        pod,
        containers: await Promise.all(containers),
        volumes: countsFolders ? await volumes.usage(uid) : [],
      };
    }),
  );
}
