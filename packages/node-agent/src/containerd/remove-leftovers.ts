import type { CriClient } from '../cri/cri-client.ts';
import type { ContainerdFolders } from './containerd-config.ts';
import type { ContainerdDoors } from './containerd-doors.ts';
import { podTraces, removeTraces } from './orphans.ts';

/** Ends all pods, and gives their networks back. */
export async function removeSandboxes(client: CriClient): Promise<void> {
  const { items = [] } = await client.call('ListPodSandbox', {});
  await Promise.all(
    items.map(async ({ id: podSandboxId = '' }) => {
      await client.call('StopPodSandbox', { podSandboxId });
      await client.call('RemovePodSandbox', { podSandboxId });
    }),
  );
}

interface ContainerdPlace {
  readonly stateDirectory: string;
  readonly host: ContainerdDoors;
}

/** Takes away what a containerd that has ended leaves running: programs, then mounts, then its state. */
export async function removeTracesOf(
  folders: ContainerdFolders,
  { stateDirectory, host }: ContainerdPlace,
): Promise<void> {
  await removeTraces(await podTraces(folders, host), { folders, doors: host });
  const { machine } = host;
  const own = [stateDirectory, folders.root, folders.registries];
  const isOwn = (path: string): boolean => own.some((folder) => path.startsWith(`${folder}/`));
  const mounts = await machine.mounts();
  for (const { path } of mounts.toReversed()) if (isOwn(path)) await machine.unmount(path);
  await machine.removeTree(stateDirectory);
}

/** Takes away the rest, of which nothing is mounted or runs any more. */
export async function removeImages(
  folders: ContainerdFolders,
  { host: { machine, files } }: ContainerdPlace,
): Promise<void> {
  for (const folder of [folders.root, folders.registries]) await machine.removeTree(folder);
  for (const path of [folders.log, `${folders.log}.old`]) await files.remove(path);
}
