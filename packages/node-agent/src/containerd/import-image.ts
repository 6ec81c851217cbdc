import { type Clock, sleep } from '@fairway/host';
import type { CriClient } from '../cri/cri-client.ts';
import { criImages } from '../cri/cri-images.ts';
import { RuntimeError } from '../runtime/runtime-error.ts';
import type { HostDoors } from './host-capabilities.ts';
import { runCtr } from './run-tool.ts';

/** CRI has an image a moment after containerd has it. */
const lookMs = 10;
const lookTimesMax = 1_000;

/** Of a containerd that an image goes to. */
export interface ImageTarget {
  readonly client: CriClient;
  readonly host: HostDoors & { readonly clock: Clock };
}

/**
 * Hands the archive of an image to containerd, which CRI has no call for. `name` is in the archive, too.
 *
 * Errors: `RuntimeError`.
 */
export async function importImage(
  name: string,
  archive: Uint8Array,
  { client, host }: ImageTarget,
): Promise<void> {
  const { files, clock } = host;
  const socket = client.socketPath;
  const path = `${socket}.${Buffer.from(name).toString('hex').slice(-32)}.tar`;
  await files.write(path, archive);
  try {
    const { exitCode } = await runCtr(socket, ['images', 'import', path], host);
    if (exitCode !== 0) throw new RuntimeError('failed', `ctr cannot import the image ${name}`);
  } finally {
    await files.remove(path);
  }
  const images = criImages(client);
  for (let times = 0; (await images.find(name)) === undefined; times += 1) {
    if (times > lookTimesMax) throw new RuntimeError('failed', `containerd has no image ${name}`);
    await sleep(clock, lookMs);
  }
}
