import { dirname, join } from 'node:path';
import type { Files, MachineFiles } from '@fairway/host';
import { podLogDirectory } from '../container-config/sandbox-config.ts';
import { rotatedFiles } from '../container-logs/rotated-files.ts';
import type { NodeFacts } from '../node/node-facts.ts';
import type { AnyPod } from '../pod-lifecycle/pod-containers.ts';
import type { ContainerRecord } from '../runtime/container.ts';

/** The logs of pods on this machine. */
export interface PodLogs {
  /** Takes away what a container has written. */
  removeOf(record: ContainerRecord): Promise<void>;
  /** Takes away what all containers of a pod have written. */
  removeAll(pod: AnyPod): Promise<void>;
  /** The pods of which there are any, by uid. */
  leftovers(): Promise<readonly string[]>;
  /** Takes away what containers of a pod have written of which no more is known. */
  removeLeft(podUid: string): Promise<void>;
}

export function podLogs({
  machine,
  files,
  node,
}: {
  readonly machine: Pick<MachineFiles, 'list' | 'removeTree'>;
  readonly files: Pick<Files, 'remove'>;
  readonly node: NodeFacts;
}): PodLogs {
  const folders = (): Promise<readonly string[]> => machine.list(node.logDirectory);
  return {
    async removeOf({ logPath }) {
      if (logPath === undefined) return;
      const isThere = (await machine.list(dirname(logPath))).length > 0;
      const earlier = isThere ? await rotatedFiles(logPath) : [];
      for (const path of [...earlier, logPath]) await files.remove(path);
    },
    removeAll: (pod) => machine.removeTree(podLogDirectory(pod, node)),
    async leftovers() {
      return (await folders()).flatMap((name) => uidIn(name) ?? []);
    },
    async removeLeft(podUid) {
      const own = (await folders()).filter((name) => uidIn(name) === podUid);
      for (const name of own) await machine.removeTree(join(node.logDirectory, name));
    },
  };
}

/** Of a folder as `podLogDirectory` calls it: `NAMESPACE_NAME_UID`. */
function uidIn(folder: string): string | undefined {
  return /^[^_]+_[^_]+_([^_]+)$/.exec(folder)?.[1];
}
