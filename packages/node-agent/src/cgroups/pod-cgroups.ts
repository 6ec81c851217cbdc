import { join } from 'node:path';
import type { Files, MachineFiles } from '@fairway/host';
import { pathPart } from '../pod-folders.ts';
import type { AnyPod } from '../pod-lifecycle/pod-containers.ts';
import { type CgroupTree, cgroupTrees } from './cgroup-tree.ts';
import { limitFilesV1, limitFilesV2 } from './limit-files.ts';
import { podResources } from './pod-limits.ts';
import { podCgroup } from './pod-place.ts';

export interface CgroupParts {
  readonly machine: MachineFiles;
  readonly files: Pick<Files, 'read'>;
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

/** Controllers that this agent limits itself; those of other ones the runtime makes. */
const limited = ['cpu', 'memory', 'hugetlb'];
/** Where pods are, below the root. Source: kubelet, cgroups per QoS. */
const places = ['', 'burstable', 'besteffort'];

/** Cgroups on this machine, of version 1, 2, or both. */
export async function podCgroups({ machine, files, root }: CgroupParts): Promise<PodCgroups> {
  const trees = cgroupTrees(await machine.mounts());
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
      pathPart(pod.metadata?.uid ?? '', 'the uid of a pod');
      for (const tree of trees) {
        await makeIn(tree, { machine, files, pod, cgroup: podCgroup(root, pod) });
      }
    },
    async remove(podUid) {
      const name = `pod${pathPart(podUid, 'the uid of a pod')}`;
      let isGone = true;
      for (const folder of trees.flatMap((tree) => placesOf(tree, root))) {
        isGone = (await removeWithin(join(folder, name), machine)) && isGone;
      }
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

interface Making extends Omit<CgroupParts, 'root'> {
  readonly pod: AnyPod;
  /** Below each tree. */
  readonly cgroup: string;
}

async function makeIn(tree: CgroupTree, making: Making): Promise<void> {
  const { machine, pod, cgroup } = making;
  const resources = podResources(pod);
  const folder = join(tree.path, cgroup);
  const controllers = tree.version === 'v1' ? tree.controllers : await enableIn(tree, making);
  const limitFiles = tree.version === 'v1' ? limitFilesV1 : limitFilesV2;
  const own = limited.filter((controller) => controllers.includes(controller));
  if (own.length === 0) return;
  await machine.makeDirectory(folder, 0o755);
  for (const [file, text] of own.flatMap((controller) => limitFiles(controller, resources))) {
    const path = join(folder, file);
    if ((await machine.entry(path)) === undefined) continue;
    await machine.overwrite(path, Buffer.from(text), 0o644);
  }
}

/** Hands the controllers down to the parent of a cgroup, level by level; answers which ones it gets. */
async function enableIn(
  tree: CgroupTree,
  { machine, files, cgroup }: Making,
): Promise<readonly string[]> {
  const names = cgroup.split('/').filter((name) => name !== '');
  let folder = tree.path;
  let controllers: readonly string[] = [];
  for (const name of names) {
    const offered = await wordsOf(join(folder, 'cgroup.controllers'), files);
    controllers = offered.filter((each) => limited.includes(each) || each === 'pids');
    const enabled = await wordsOf(join(folder, 'cgroup.subtree_control'), files);
    const missing = controllers.filter((each) => !enabled.includes(each));
    if (missing.length > 0) {
      const text = missing.map((each) => `+${each}`).join(' ');
      await machine.overwrite(join(folder, 'cgroup.subtree_control'), Buffer.from(text), 0o644);
    }
    folder = join(folder, name);
    if (controllers.length > 0) await machine.makeDirectory(folder, 0o755);
  }
  return controllers;
}

async function wordsOf(path: string, files: CgroupParts['files']): Promise<readonly string[]> {
  const text = Buffer.from((await files.read(path)) ?? []).toString();
  return text.split(/\s+/).filter((word) => word !== '');
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
