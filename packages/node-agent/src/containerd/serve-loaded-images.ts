import type { Clock, Files, Logger } from '@fairway/host';
import { listen } from '@fairway/serving';
import type { ImageFolder } from '../oci/image-folder.ts';
import { imageRegistry } from '../oci/image-registry.ts';
import type { ContainerdFolders } from './containerd-config.ts';

export interface LoadedImagesParts {
  readonly folder: ImageFolder;
  readonly folders: Pick<ContainerdFolders, 'registries'>;
  readonly files: Files;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Has a private containerd pull from a folder of images what is in it, whatever registry it is of, and all
 * else from its registry. Listens on a free port of this machine's own address.
 *
 * Source: containerd, registry hosts configuration: without `server` the image's own registry comes last.
 */
export async function serveLoadedImages(parts: LoadedImagesParts): Promise<AsyncDisposable> {
  const { folder, folders, files, clock, logger } = parts;
  const handler = imageRegistry(folder);
  const listener = await listen({ host: '127.0.0.1', port: 0, handler, clock, logger });
  const hosts = `[host.${JSON.stringify(listener.url)}]\n  capabilities = ["pull", "resolve"]\n`;
  const directory = `${folders.registries}/_default`;
  await files.makeDirectory(directory);
  await files.write(`${directory}/hosts.toml`, Buffer.from(hosts));
  return {
    async [Symbol.asyncDispose]() {
      await files.remove(`${directory}/hosts.toml`);
      await listener.close();
    },
  };
}
