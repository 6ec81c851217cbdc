import type { CriClient } from '../cri/cri-client.ts';
import { RuntimeError } from '../runtime/runtime-error.ts';
import type { ContainerdFolders } from './containerd-config.ts';
import { ContainerdProcess, type PrivateContainerdOptions } from './containerd-process.ts';
import { lackedCapabilities } from './host-capabilities.ts';
import { networkConfig } from './network-config.ts';
import { ensurePauseImage } from './pause-image.ts';
import { removeImages, removeSandboxes, removeTracesOf } from './remove-leftovers.ts';

/** A containerd of its own for one agent. It and what it runs outlive the agent. */
export interface PrivateContainerd extends AsyncDisposable {
  readonly client: CriClient;
  readonly folders: ContainerdFolders;
  /** Gives pods their network, from now on. */
  setNetwork(podCidrs: readonly string[]): Promise<void>;
  /** Ends containerd. What it runs goes on, and is there again for the next one. */
  stop(): Promise<void>;
  /** Ends all that it runs and itself, and takes away what it has made on this machine but images. */
  end(): Promise<void>;
  /** As `end`, and takes away the images, too. */
  destroy(): Promise<void>;
}

/**
 * Starts a containerd on a directory, or takes over the one that runs there. While it is held, one that
 * ends is started again. Disposed of, it is left running.
 *
 * Errors: `RuntimeError`, `unsupported` when the machine lacks something.
 */
export async function openContainerd(
  options: PrivateContainerdOptions,
): Promise<PrivateContainerd> {
  const lacked = lackedCapabilities(options.facts);
  if (lacked !== undefined) throw new RuntimeError('unsupported', lacked);
  const { files } = options.host;
  for (const path of [options.directory, options.stateDirectory]) {
    await files.makeDirectory(path, { mode: 0o711 });
  }
  const lock = await files.lock(`${options.directory}/containerd.lock`);
  if (lock === undefined) {
    const why = `another node agent uses ${options.directory}`;
    throw new RuntimeError('failed', `${why}; stop it, or choose another directory`);
  }
  const daemon = new ContainerdProcess(options);
  try {
    await daemon.start();
    await ensurePauseImage({ client: daemon.client, host: options.host });
  } catch (error) {
    await daemon.leave();
    await daemon.stop();
    await lock[Symbol.asyncDispose]();
    throw error;
  }
  daemon.watch();
  const { client, folders } = daemon;
  const end = async (): Promise<void> => {
    // One that was killed just now knows nothing; what it ran is then ended without it.
    await removeSandboxes(client).catch((error: unknown) =>
      options.host.logger.warn('containerd cannot end its pods', { error }),
    );
    await daemon.leave();
    await daemon.stop();
    await removeTracesOf(folders, options);
  };
  return {
    client,
    folders,
    async setNetwork(podCidrs) {
      const { addresses: addressesDirectory, networks } = folders;
      const config = networkConfig({ podCidrs, addressesDirectory });
      await files.write(`${networks}/10-fairway.conflist`, Buffer.from(config));
    },
    async stop() {
      await daemon.leave();
      await daemon.stop();
      await lock[Symbol.asyncDispose]();
    },
    async end() {
      await end();
      await lock[Symbol.asyncDispose]();
    },
    async destroy() {
      await end();
      await removeImages(folders, options);
      await lock[Symbol.asyncDispose]();
    },
    async [Symbol.asyncDispose]() {
      await daemon.leave();
      await lock[Symbol.asyncDispose]();
    },
  };
}
