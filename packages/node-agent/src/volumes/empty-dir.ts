import { podLimits } from '@fairway/kind-rules/pods';
import { wholeOf } from '@fairway/protocol';
import { PodError } from '../sources/pod-sources.ts';
import type { MountedVolume } from './mounted-volume.ts';
import { giveToPod } from './pod-group.ts';
import type { VolumeSetUp } from './volume-set-up.ts';

/** Everybody in the pod may write it, whoever they are. */
const everybody = 0o777;

/** A folder that comes and goes with its pod: on the disk, or in memory up to its size. */
export async function setUpEmptyDir(setUp: VolumeSetUp): Promise<MountedVolume> {
  const { volume, folder, machine } = setUp;
  const { medium = '' } = volume.emptyDir ?? {};
  const hostPath = folder.volume('empty-dir', volume.name);
  if (medium === 'Memory') {
    const mounts = await machine.mountsWithin(hostPath);
    if (mounts.length === 0) {
      await machine.mountMemory(hostPath, { mode: everybody, bytesMax: bytesMaxOf(setUp) });
    }
  } else if (medium !== '') {
    throw new PodError(
      `this node has no emptyDir of medium ${JSON.stringify(medium)}; use "Memory" or leave it out`,
    );
  } else if ((await machine.entry(hostPath)) === undefined) {
    await machine.makeDirectory(hostPath, everybody);
  }
  // What containers have written by then, they have given to whom they want.
  await giveToPod(hostPath, setUp, 'OnRootMismatch');
  return { hostPath, isReadOnly: false, kind: 'emptyDir' };
}

/** The least of what it says, what its pod may take and what all pods may. Source: KEP-1967. */
function bytesMaxOf({ volume, pod, node }: VolumeSetUp): number {
  const bounds = [
    wholeOf(volume.emptyDir?.sizeLimit),
    wholeOf(podLimits(pod).get('memory')),
    wholeOf(node.allocatable['memory']),
  ];
  return Math.min(...bounds.filter((bytes) => bytes > 0));
}
