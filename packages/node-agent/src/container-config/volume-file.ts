import type { MachineFiles } from '@fairway/host';
import { PodError } from '../sources/pod-sources.ts';
import type { MountedVolume } from '../volumes/mounted-volume.ts';

/** A file of variables. Source: KEP-3721. */
const bytesMax = 64 * 1024;

/**
 * What stands in a file of a volume, which a container may have written; undefined when there is none.
 *
 * Errors: `PodError` for a volume that the pod does not have, and for what is no file within it.
 */
export async function readVolumeFile(
  { volume, path }: { readonly volume: string; readonly path: string },
  of: { readonly volumes: ReadonlyMap<string, MountedVolume>; readonly machine: MachineFiles },
): Promise<Uint8Array | undefined> {
  const found = of.volumes.get(volume);
  if (found === undefined) {
    throw new PodError(`cannot find the volume ${JSON.stringify(volume)} referenced by FileKeyRef`);
  }
  try {
    return await of.machine.readWithin(found.hostPath, path, { bytesMax });
  } catch (cause) {
    // The cause may tell of what lies elsewhere on the machine.
    const file = JSON.stringify(path);
    throw new PodError(
      `couldn't parse env file: ${file} is no file of volume ${volume} of ${bytesMax} bytes at the most`,
      { cause },
    );
  }
}
