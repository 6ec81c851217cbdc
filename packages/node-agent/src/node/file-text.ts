import type { Files } from '@fairway/host';

/** The text of a file of this machine, as UTF-8; empty when there is none. Errors: those of `Files.read`. */
export async function fileText(files: Pick<Files, 'read'>, path: string): Promise<string> {
  return Buffer.from((await files.read(path)) ?? []).toString();
}
