import { join } from 'node:path';
import type { MachineFiles } from '@fairway/host';
import { podRequests } from '@fairway/kind-rules/pods';
import { milliOf } from '@fairway/protocol';
import { pathPart } from '../node/pod-folders.ts';
import type { AnyPod } from '../pod-lifecycle/pod-containers.ts';
import { type CgroupTree, cgroupTrees } from './cgroup-tree.ts';
import { cpuSharesMin, cpuSharesOf } from './linux-amounts.ts';
import { type CgroupHost, makeCgroup } from './make-cgroup.ts';
import type { ContainerResources } from '../runtime/container.ts';
import { podResources } from './pod-limits.ts';
import { podCgroup, qosCgroup, qosClass } from './pod-place.ts';

export interface CgroupParts extends CgroupHost {
  /** The cgroup of this agent's pods, no other agent's: `/fairway-1f2e`. */
  readonly root: string;
}

/** The cgroups of pods, around those of their containers. */
export interface PodCgroups {
  /** Makes that of a pod, and limits it as the pod says now. Errors: the system's. */
  make(pod: AnyPod): Promise<void>;
  /** Takes it away, when no process is in it any more; false: some still is. */
  remove(podUid: string): Promise<boolean>;
  /** The pods that have one, by uid. */
  leftovers(): Promise<readonly string[]>;
  /** Takes away what is around them, where no pod has one any more. */
  removeAll(): Promise<void>;
}

/** Of an agent whose pods are not limited. */
export const noCgroups: PodCgroups = {
  async make() {},
  remove: async () => true,
  leftovers: async () => [],
  async removeAll() {},
};

/** Where pods are, below the root. Source: kubelet, cgroups per QoS. */
const places = ['', 'burstable', 'besteffort'];

/** Cgroups on this machine, of version 1, 2, or both. */
export async function podCgroups({ root, ...host }: CgroupParts): Promise<PodCgroups> {
  const { machine } = host;
  const trees = cgroupTrees(await machine.mounts());
  /** What burstable pods ask of the processors, by uid. */
  const asked = new Map<string, number>();
  const limit = async (cgroup: string, resources: ContainerResources): Promise<void> => {
    for (const tree of trees) await makeCgroup(tree, { cgroup, resources }, host);
  };
  const shareAmongBurstable = (): Promise<void> => {
    const milli = [...asked.values()].reduce((sum, each) => sum + each, 0);
    return limit(qosCgroup(root, 'Burstable'), { cpuShares: cpuSharesOf(milli) });
  };
  const leftovers = async (): Promise<readonly string[]> => {
    const uids = new Set<string>();
    for (const folder of trees.flatMap((tree) => placesOf(tree, root))) {
      for (const name of await machine.list(folder)) {
        if (name.startsWith('pod')) uids.add(name.slice('pod'.length));
      }
    }
    return [...uids];
  };
  return {
    async make(pod) {
      const uid = pathPart(pod.metadata?.uid ?? '', 'the uid of a pod');
      const quality = qosClass(pod);
      if (quality === 'Burstable') {
        asked.set(uid, milliOf(podRequests(pod).get('cpu')));
        await shareAmongBurstable();
      }
      if (quality === 'BestEffort') {
        await limit(qosCgroup(root, quality), { cpuShares: cpuSharesMin });
      }
      await limit(podCgroup(root, pod), podResources(pod));
    },
    async remove(podUid) {
      const name = `pod${pathPart(podUid, 'the uid of a pod')}`;
      let isGone = true;
      for (const folder of trees.flatMap((tree) => placesOf(tree, root))) {
        isGone = (await removeWithin(join(folder, name), machine)) && isGone;
      }
      if (asked.delete(podUid)) await shareAmongBurstable();
      return isGone;
    },
    leftovers,
    async removeAll() {
      for (const tree of trees) {
        for (const folder of placesOf(tree, root).reverse()) await machine.removeDirectory(folder);
      }
    },
  };
}

/** The innermost first. False when a process is left in one. */
async function removeWithin(cgroup: string, machine: MachineFiles): Promise<boolean> {
  for (const name of await machine.list(cgroup)) {
    const path = join(cgroup, name);
    const entry = await machine.entry(path);
    if (entry?.kind === 'directory') await removeWithin(path, machine);
  }
  return machine.removeDirectory(cgroup);
}

function placesOf(tree: CgroupTree, root: string): string[] {
  return places.map((place) => join(tree.path, root, place));
}
