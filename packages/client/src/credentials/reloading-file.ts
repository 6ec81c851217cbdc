import type { Clock, Files } from '@fairway/host';

/** A file with a token, a certificate or a bundle of them is not longer than this. */
export const credentialBytesMax: number = 4 * 1024 * 1024;

export interface ReloadingFileOptions {
  readonly path: string;
  /** What the file held last. Absent: nothing usable yet. */
  readonly initial?: string;
  /** Looks at the file at most this often. */
  readonly checkMsMin: number;
  /** Content that fails this is not taken. */
  isUsable(text: string): boolean;
}

/**
 * The text of a file, looked at again when somebody asks and the last look is long enough ago.
 *
 * Shape: the same string as long as nothing usable and new is in the file. Callers who ask at the
 * same time share one look. `check` makes the next call look at once.
 */
export interface ReloadingFile {
  current(): Promise<string | undefined>;
  check(): void;
}

export function reloadingFile(
  host: { readonly files: Files; readonly clock: Clock },
  options: ReloadingFileOptions,
): ReloadingFile {
  const { path, checkMsMin, isUsable } = options;
  let text = options.initial;
  let checkedAt = host.clock.elapsed();
  let isDue = false;
  let pending: Promise<string | undefined> | undefined;

  async function look(): Promise<string | undefined> {
    isDue = false;
    const found = await readText(host.files, path);
    checkedAt = host.clock.elapsed();
    pending = undefined;
    if (found !== undefined && found !== text && isUsable(found)) text = found;
    return text;
  }

  return {
    async current() {
      if (!isDue && host.clock.elapsed() - checkedAt < checkMsMin) return text;
      pending ??= look();
      return pending;
    },
    check() {
      isDue = true;
    },
  };
}

/** undefined when the file cannot be read: its former content stays in use. */
async function readText(files: Files, path: string): Promise<string | undefined> {
  try {
    const bytes = await files.read(path, { bytesMax: credentialBytesMax });
    return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
  } catch {
    return undefined;
  }
}
