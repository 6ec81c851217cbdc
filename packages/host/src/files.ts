/** Files as an argument. Paths are absolute or relative to the working directory. */
export interface Files {
  /** The whole file; undefined when there is none. Throws the system's error for anything else. */
  read(path: string): Promise<Uint8Array | undefined>;
  /**
   * Replaces the file as a whole: readers see the old bytes or the new ones, never a mixture. A
   * symbolic link stays; what it points to is replaced.
   */
  write(path: string, bytes: Uint8Array, options?: { mode?: number }): Promise<void>;
  /** Makes the file; answers false when it exists already. For lock files. */
  createExclusively(path: string, bytes: Uint8Array, options?: { mode?: number }): Promise<boolean>;
  remove(path: string): Promise<void>;
  makeDirectory(path: string, options?: { mode?: number }): Promise<void>;
  stat(path: string): Promise<FileFacts | undefined>;
}

export interface FileFacts {
  readonly isDirectory: boolean;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  /** Permission bits. */
  readonly mode: number;
}
