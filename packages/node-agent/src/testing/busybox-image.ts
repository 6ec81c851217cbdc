import { readFile } from 'node:fs/promises';
import { nodejsHost } from '@fairway/host/nodejs';
import { goArchitecture } from '../containerd/host-capabilities.ts';
import { type ImageFile, imageArchive } from '../oci/image-archive.ts';

/** Of the package busybox-static, as containers have no libraries. */
export const busybox = '/bin/busybox';

const host = nodejsHost();

/** An OCI archive of an image with a shell and the small programs of this machine's busybox. */
export async function busyboxImage(name: string): Promise<Uint8Array> {
  const bytes = await readFile(busybox);
  const { output } = await host.processes.run({
    file: busybox,
    arguments: ['--list'],
    environment: {},
    input: 'none',
    outputBytesMax: 64 * 1024,
    timeoutMs: 10_000,
  });
  const applets = Buffer.from(output).toString().trim().split('\n');
  const folder = (path: string, mode = 0o755): ImageFile => ({ path, kind: 'directory', mode });
  const text = (path: string, content: string): ImageFile => ({
    path,
    kind: 'file',
    bytes: Buffer.from(content),
    mode: 0o644,
  });
  return await imageArchive({
    name,
    architecture: goArchitecture(host.environment),
    files: [
      folder('bin'),
      folder('etc'),
      folder('tmp', 0o1777),
      { path: 'bin/busybox', kind: 'file', bytes, mode: 0o755 },
      ...applets
        .filter((name) => name !== 'busybox')
        .map((name): ImageFile => ({ path: `bin/${name}`, kind: 'link', target: 'busybox' })),
      text('etc/passwd', 'root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n'),
      text('etc/group', 'root:x:0:\nnogroup:x:65534:\n'),
    ],
    config: { Env: ['PATH=/bin'], Cmd: ['sh'] },
  });
}
