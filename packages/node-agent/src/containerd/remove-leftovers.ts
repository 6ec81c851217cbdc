import type { Files, MachineFiles } from '@fairway/host';
import type { CriClient } from '../cri/cri-client.ts';
import type { ContainerdFolders } from './containerd-config.ts';

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

/** Takes away what a containerd that has ended leaves behind, mounts before folders. */
export async function removeFolders(
  folders: ContainerdFolders,
  {
    stateDirectory,
    host: { machine, files },
  }: {
    readonly stateDirectory: string;
    readonly host: { readonly machine: MachineFiles; readonly files: Files };
  },
): Promise<void> {
  const own = [stateDirectory, folders.root, folders.registries];
  const isOwn = (path: string): boolean => own.some((folder) => path.startsWith(`${folder}/`));
  const mounts = await machine.mounts();
  for (const { path } of mounts.toReversed()) if (isOwn(path)) await machine.unmount(path);
  for (const folder of own) await machine.removeTree(folder);
  await files.remove(folders.log);
}
