import { lstat, readlink } from 'node:fs/promises';
import type { Environment } from '@fairway/host';
import { type ImageFile, imageParts } from '../oci/image-archive.ts';
import type { ImageFolder } from '../oci/image-folder.ts';
import { ImageNameError, fullImageName, parseImageReference } from '../oci/image-reference.ts';
import type { ContainerMount } from '../runtime/container.ts';
import { goArchitecture } from './host-capabilities.ts';

const hostImageName = 'docker.io/library/host:latest';

/** Where the programs of a machine are, and what they look up. Nothing of it is secret. */
const sharedFolders = [
  'usr',
  'bin',
  'sbin',
  'lib',
  'lib32',
  'lib64',
  'etc/alternatives',
  'etc/ssl/certs',
];

const folder = (path: string, mode = 0o755): ImageFile => ({ path, kind: 'directory', mode });
const file = (path: string, text: string): ImageFile => ({
  path,
  kind: 'file',
  bytes: Buffer.from(text),
  mode: 0o644,
});

/** What every container has for itself. */
const ownFiles: readonly ImageFile[] = [
  ...['etc', 'etc/ssl', 'root', 'run', 'var', 'var/lib', 'var/log'].map((path) => folder(path)),
  folder('tmp', 0o1777),
  folder('var/tmp', 0o1777),
  { path: 'var/run', kind: 'link', target: '/run' },
  file('etc/passwd', 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n'),
  file('etc/group', 'root:x:0:\nnogroup:x:65534:\n'),
  file('etc/nsswitch.conf', 'hosts: files dns\n'),
];

/**
 * Has an image `host` in a folder of images: the programs of this machine, which its containers may run but not
 * change, so that there is something to run where no registry can be reached. Answers what its containers see of
 * the machine.
 */
export async function provideHostImage(
  images: ImageFolder,
  { environment }: { readonly environment: Environment },
): Promise<(image: string) => readonly ContainerMount[]> {
  const { files, mounts } = await hostPrograms();
  const { manifest, blobs } = await imageParts({
    name: hostImageName,
    architecture: goArchitecture(environment),
    files: [...ownFiles, ...files],
    config: { Cmd: ['/bin/sh'], Env: [`PATH=${path}`] },
  });
  const present = await images.find(parseImageReference(hostImageName));
  if (present?.descriptor.digest !== manifest.digest) {
    await images.change(async (change) => {
      for (const blob of blobs) await change.receive(once(blob));
      change.put({ name: hostImageName, descriptor: manifest });
    });
  }
  return (image) => (isHostImage(image) ? mounts : []);
}

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Folders are shared; links, as of `/bin` to `usr/bin`, are made again. */
async function hostPrograms(): Promise<{
  readonly files: readonly ImageFile[];
  readonly mounts: readonly ContainerMount[];
}> {
  const files: ImageFile[] = [];
  const mounts: ContainerMount[] = [];
  for (const path of sharedFolders) {
    const hostPath = `/${path}`;
    const found = await lstat(hostPath).catch(() => undefined);
    if (found?.isSymbolicLink() === true) {
      files.push({ path, kind: 'link', target: await readlink(hostPath) });
    } else if (found?.isDirectory() === true) {
      files.push(folder(path));
      const mount = { containerPath: hostPath, hostPath, isReadOnly: true };
      mounts.push({ ...mount, propagation: 'private' });
    }
  }
  return { files, mounts };
}

function isHostImage(image: string): boolean {
  try {
    return fullImageName(parseImageReference(image)) === hostImageName;
  } catch (error) {
    if (error instanceof ImageNameError) return false;
    throw error;
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, undefined> {
  yield bytes;
}
