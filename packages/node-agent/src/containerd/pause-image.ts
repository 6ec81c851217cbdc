import { criImages } from '../cri/cri-images.ts';
import { imageArchive } from '../oci/image-archive.ts';
import { pauseProgram } from '../oci/pause-program.ts';
import { RuntimeError } from '../runtime/runtime-error.ts';
import { type HostDoors, goArchitecture } from './host-capabilities.ts';
import { type ImageTarget, importImage } from './import-image.ts';

/** Under a registry's name that cannot exist, so that nobody is asked for it. */
export const pauseImage = 'fairway.invalid/pause:1';

/** Sees to it that containerd has the image that the sandbox of every pod is made of. */
export async function ensurePauseImage(target: ImageTarget): Promise<void> {
  if ((await criImages(target.client).find(pauseImage)) !== undefined) return;
  await importImage(pauseImage, await pauseArchive(target.host), target);
}

async function pauseArchive({ environment }: HostDoors): Promise<Uint8Array> {
  const architecture = goArchitecture(environment);
  const program = pauseProgram(architecture);
  if (program === undefined) {
    const why = `there is no pause program for ${architecture}`;
    const remedy = 'use the containerd of the machine, with its own (--container-runtime-endpoint)';
    throw new RuntimeError('unsupported', `${why}; ${remedy}`);
  }
  return await imageArchive({
    name: pauseImage,
    architecture,
    files: [{ path: 'pause', kind: 'file', bytes: program, mode: 0o755 }],
    config: { Entrypoint: ['/pause'] },
  });
}
