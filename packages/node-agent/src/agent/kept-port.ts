import type { Files } from '@fairway/host';
import { fileText } from '../node/file-text.ts';

/**
 * Opens on the port on which the agent of a folder has served before, where nobody else has it, and else on one that
 * is free: the API server asks where it was until the node tells of another. `open` is given 0 for any.
 *
 * Errors: those of `open`.
 */
export async function openOnKeptPort<Opened extends { readonly port: number }>(
  { files, rootDirectory }: { readonly files: Files; readonly rootDirectory: string },
  open: (port: number) => Promise<Opened>,
): Promise<Opened> {
  const path = `${rootDirectory}/kubelet-port`;
  const before = parsePort(await fileText(files, path));
  const opened = await open(before).catch((error: unknown) => {
    if (before === 0) throw error;
    return open(0);
  });
  if (opened.port !== before) await files.write(path, Buffer.from(`${opened.port}\n`));
  return opened;
}

function parsePort(text: string): number {
  const port = Number(text);
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : 0;
}
