import type { FileEntry, MachineFiles } from '@fairway/host';
import type { HostPathVolumeSource } from '@fairway/kinds/core/v1';
import { PodError } from '../sources/pod-sources.ts';
import type { MountedVolume } from './mounted-volume.ts';
import type { VolumeSetUp } from './volume-set-up.ts';

const wanted: Readonly<Record<string, readonly [FileEntry['kind'], words: string]>> = {
  Directory: ['directory', 'a directory'],
  DirectoryOrCreate: ['directory', 'a directory'],
  File: ['file', 'a file'],
  FileOrCreate: ['file', 'a file'],
  Socket: ['socket', 'a socket file'],
  CharDevice: ['character-device', 'a character device'],
  BlockDevice: ['block-device', 'a block device'],
};

/** Something of the machine itself. Nothing is made of it or taken away but where its type says so. */
export async function setUpHostPath({ volume, machine }: VolumeSetUp): Promise<MountedVolume> {
  const { hostPath: source } = volume;
  await checkHostPath(source ?? { path: '' }, machine);
  return { hostPath: source?.path ?? '', isReadOnly: false, kind: 'hostPath' };
}

/** Errors: `PodError` when it is not what its type says. Source: core/v1 HostPathType. */
export async function checkHostPath(
  { path, type = '' }: HostPathVolumeSource,
  machine: MachineFiles,
): Promise<void> {
  if (!path.startsWith('/') || path.split('/').includes('..') || path.includes('\0')) {
    throw new PodError(
      `hostPath ${JSON.stringify(path)} must be a path from the root, which must not contain '..'`,
    );
  }
  if (type === '') return;
  const [kind, words] = wanted[type] ?? [];
  if (kind === undefined) throw new PodError(`${type} is an invalid volume type`);
  const found = await machine.entry(path);
  if (found === undefined && type === 'DirectoryOrCreate') {
    await machine.makeDirectory(path, 0o755);
  } else if (found === undefined && type === 'FileOrCreate') {
    await machine.overwrite(path, new Uint8Array(), 0o644);
  } else if (found?.kind !== kind) {
    throw new PodError(`hostPath type check failed: ${path} is not ${words}`);
  }
}
