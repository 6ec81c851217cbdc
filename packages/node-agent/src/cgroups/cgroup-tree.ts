import type { MountPoint } from '@fairway/host';

/** What the kernel counts and limits, as the trees of cgroups on this machine are mounted. */
export interface CgroupTree {
  /** `v1`: a tree for some controllers; `v2`: one tree that has what no other one has. */
  readonly version: 'v1' | 'v2';
  readonly path: string;
  /** Of a tree of version 1; what a tree of version 2 has, it says itself. */
  readonly controllers: readonly string[];
}

/**
 * The trees of this machine: one of version 2, several of version 1, or both (hybrid).
 * Source: cgroups(7).
 */
export function cgroupTrees(mounts: readonly MountPoint[]): readonly CgroupTree[] {
  const trees = new Map<string, CgroupTree>();
  for (const { type, path, options } of mounts) {
    if (type !== 'cgroup' && type !== 'cgroup2') continue;
    // Containers in which agents run show the same tree at several places.
    const name = `${type} ${options.join()}`;
    const isFirst = !trees.has(name);
    if (isFirst && type === 'cgroup2') trees.set(name, { version: 'v2', path, controllers: [] });
    if (isFirst && type === 'cgroup')
      trees.set(name, { version: 'v1', path, controllers: options });
  }
  return [...trees.values()];
}
