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

/** Takes away what a containerd that has ended leaves behind: programs, then mounts, then folders. */
export async function removeFolders(
  folders: ContainerdFolders,
  { stateDirectory, host }: { readonly stateDirectory: string; readonly host: ContainerdDoors },
): Promise<void> {
  await removeTraces(await podTraces(folders, host), { folders, doors: host });
  const { machine, files } = host;
  const own = [stateDirectory, folders.root, folders.registries];
  const isOwn = (path: string): boolean => own.some((folder) => path.startsWith(`${folder}/`));
  const mounts = await machine.mounts();
  for (const { path } of mounts.toReversed()) if (isOwn(path)) await machine.unmount(path);
  for (const folder of own) await machine.removeTree(folder);
  await files.remove(folders.log);
}
