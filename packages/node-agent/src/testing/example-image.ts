import { nodejsHost } from '@fairway/host/nodejs';
import { goArchitecture } from '../containerd/host-capabilities.ts';
import { imageArchive } from '../oci/image-archive.ts';

/** An OCI archive of an image for this machine, with one file and no program. */
export function exampleImage(
  name: string,
  {
    text = 'hello',
    architecture = goArchitecture(nodejsHost().environment),
  }: { readonly text?: string; readonly architecture?: string } = {},
): Promise<Uint8Array> {
  const file = { path: 'hello', kind: 'file', bytes: Buffer.from(text), mode: 0o644 } as const;
  return imageArchive({ name, architecture, files: [file], config: { Cmd: ['/hello'] } });
}
