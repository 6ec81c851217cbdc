import { join } from 'node:path';
import type { Files, MachineFiles } from '@fairway/host';
import { fileText } from '../node/file-text.ts';
import type { ContainerResources } from '../runtime/container.ts';
import type { CgroupTree } from './cgroup-tree.ts';
import { limitFilesV1, limitFilesV2 } from './limit-files.ts';

export interface CgroupHost {
  readonly machine: MachineFiles;
  readonly files: Pick<Files, 'read'>;
}

/** Controllers that this agent limits itself; those of other ones the runtime makes. */
const limited = ['cpu', 'memory', 'hugetlb', 'pids'];

/** Makes a cgroup in a tree, as far as the tree limits anything, and limits it; one that is there too. */
export async function makeCgroup(
  tree: CgroupTree,
  { cgroup, resources }: { readonly cgroup: string; readonly resources: ContainerResources },
  host: CgroupHost,
): Promise<void> {
  const { machine } = host;
  const folder = join(tree.path, cgroup);
  const controllers = tree.version === 'v1' ? tree.controllers : await handDown(tree, cgroup, host);
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
async function handDown(
  tree: CgroupTree,
  cgroup: string,
  { machine, files }: CgroupHost,
): Promise<readonly string[]> {
  const names = cgroup.split('/').filter((name) => name !== '');
  let folder = tree.path;
  let controllers: readonly string[] = [];
  for (const name of names) {
    const offered = await wordsOf(join(folder, 'cgroup.controllers'), files);
    controllers = offered.filter((each) => limited.includes(each));
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

async function wordsOf(path: string, files: CgroupHost['files']): Promise<readonly string[]> {
  const text = await fileText(files, path);
  return text.split(/\s+/).filter((word) => word !== '');
}
