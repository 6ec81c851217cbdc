/** A file or a directory in an archive. */
export interface TarEntry {
  /** With `/` between its parts; never starts with one, never holds `..`. */
  readonly path: string;
  readonly kind: 'file' | 'directory';
  /** Permission bits. */
  readonly mode: number;
  readonly sizeBytes: number;
  /** Exactly `sizeBytes`; to be read (or left) before the next entry. Empty for a directory. */
  readonly content: AsyncIterable<Uint8Array>;
}

/** A symbolic link, for archives that are written. */
export interface TarLink extends Pick<TarEntry, 'path'> {
  readonly kind: 'link';
  /** 100 bytes at most. */
  readonly target: string;
}

/** An archive cannot be read, or holds what must not be written. */
export class TarError extends Error {
  override readonly name = 'TarError';
}

/** Files come in whole blocks. */
export const tarBlockBytes = 512;
