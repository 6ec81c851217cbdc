import type { Host } from '@fairway/host';

/**
 * Keeps a network for one cluster of this machine: two that have the same would take each other's packets.
 * Undefined where another one has it.
 */
export async function lockNetwork(
  { files }: Pick<Host, 'files'>,
  network: string,
): Promise<AsyncDisposable | undefined> {
  await files.makeDirectory('/run/fairway-networks', { mode: 0o755 });
  return files.lock(`/run/fairway-networks/${network.replace('/', '_')}`);
}
