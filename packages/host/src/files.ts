import type { RotatedFile, RotationOptions } from './rotated-file.ts';

/** The most that is read of a file when no other bound is given. */
export const fileBytesMax: number = 16 * 1024 * 1024;

/** A file is larger than it can sensibly be: perhaps a device, or the wrong path. */
export class FileTooLargeError extends Error {
  override readonly name = 'FileTooLargeError';

  constructor(path: string, bytesMax: number) {
    super(`${path} is longer than ${bytesMax} bytes: is it the right file?`);
  }
}

/** Files as an argument. Paths are absolute or relative to the working directory. */
export interface Files {
  /**
   * The whole file; undefined when there is none. Errors: `FileTooLargeError` beyond `bytesMax`,
   * 16 MiB when absent; the system's for anything else.
   */
  read(path: string, options?: { readonly bytesMax?: number }): Promise<Uint8Array | undefined>;
  /**
   * What a file holds after its first `skippedBytes`, no more than the last `bytesMax` of it;
   * undefined when there is no file.
   */
  readEnd(
    path: string,
    bounds: { readonly skippedBytes: number; readonly bytesMax: number },
  ): Promise<Uint8Array | undefined>;
  /**
   * What a file of any length holds, in parts; undefined when there is no file. A pipe is read to its end.
   */
  readParts(path: string): Promise<AsyncIterable<Uint8Array> | undefined>;
  /**
   * Replaces the file as a whole: readers see the old bytes or the new ones, never a mixture. A
   * symbolic link stays; what it points to is replaced. The owner stays, as far as the system lets it.
   */
  write(path: string, bytes: Uint8Array, options?: { mode?: number }): Promise<void>;
  /** Makes the file; answers false when it exists already. For lock files. */
  createExclusively(path: string, bytes: Uint8Array, options?: { mode?: number }): Promise<boolean>;
  /**
   * Takes the lock of a file, and makes the file where there is none; undefined when somebody has it.
   * However its process ends, the lock is free then. The file stays: nobody may remove or read it.
   */
  lock(path: string): Promise<AsyncDisposable | undefined>;
  /**
   * Replaces all files of a folder at once, as the kubelet does with those of a volume: readers see all
   * the old ones or all the new ones. Each is a symbolic link into the folder `..data`, which is one too.
   *
   * Shape: paths below the folder, with `/`; their first part does not begin with `..`. Errors: throws for
   * others, before anything is written.
   */
  writeTogether(directory: string, files: ReadonlyMap<string, NewFile>): Promise<void>;
  /**
   * Opens a file to add lines to, which only its owner may read; its folder is made where there is none. `-` is
   * the standard output, which is never put aside.
   */
  openLines(path: string, options: RotationOptions): Promise<RotatedFile>;
  remove(path: string): Promise<void>;
  makeDirectory(path: string, options?: { mode?: number }): Promise<void>;
  stat(path: string): Promise<FileFacts | undefined>;
}

/** What a file shall hold, its permission bits, and whose it is where it is not this process's. */
export interface NewFile {
  readonly bytes: Uint8Array;
  readonly mode: number;
  readonly userId?: number;
  readonly groupId?: number;
}

export interface FileFacts {
  readonly isDirectory: boolean;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  /** Permission bits. */
  readonly mode: number;
}
