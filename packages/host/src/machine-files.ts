/**
 * The files of a machine as an argument, for programs that prepare them for others: owners, exact
 * permissions, places that may hold anything. Linux only; most of it takes root.
 */
export interface MachineFiles {
  /** What is at a path, at the end of links; undefined when there is nothing. */
  entry(path: string): Promise<FileEntry | undefined>;
  /** The names in a folder; none when there is no such folder. */
  list(directory: string): Promise<readonly string[]>;
  /**
   * Tells when something in a folder has changed. Where there is no such folder, or the system watches no more,
   * it tells nothing: look now and then too.
   */
  watch(directory: string, onChange: () => void): Disposable;
  /** Makes a folder and those on the way to it. The folder gets this mode, whatever this process masks. */
  makeDirectory(directory: string, mode: number): Promise<void>;
  /**
   * Writes a file where it is, so that whoever has it open or mounted sees it; one that is not there is
   * made. A link is not followed, it is an error.
   */
  overwrite(path: string, bytes: Uint8Array, mode: number): Promise<void>;
  /**
   * Takes a folder away with all that is in it. No link is followed, and nothing is taken of what is
   * mounted below it: that is an error. What is not there is gone.
   */
  removeTree(directory: string): Promise<void>;
  /** What a folder and all in it takes of its file system; links and what is mounted within are left out. */
  usage(directory: string): Promise<FolderUsage>;
  /** Takes an empty folder away; false when something is in it or uses it. */
  removeDirectory(directory: string): Promise<boolean>;
  /** Gives everything in a folder to a group, which may then read and write it. */
  giveToGroup(directory: string, access: GroupAccess): Promise<void>;
  /** What is mounted in this process's view, in order; what is mounted last at a path covers the others. */
  mounts(): Promise<readonly MountPoint[]>;
  /** What is mounted in a folder or at it, the last one first: in the order in which it can be unmounted. */
  mountsWithin(directory: string): Promise<readonly MountPoint[]>;
  /** Whether a folder lies in memory, and not on a disk. */
  isInMemory(directory: string): Promise<boolean>;
  /** Mounts an empty folder that lies in memory. */
  mountMemory(
    target: string,
    options: { readonly mode: number; readonly bytesMax?: number },
  ): Promise<void>;
  /**
   * Shows a part of a folder at another place too: a file or a folder at `subPath`, made with the folder's
   * own mode where there is none. Links are followed as long as they stay within the folder; what changes
   * meanwhile leads nowhere else.
   *
   * Errors: throws when it is not within the folder.
   */
  bindWithin(directory: string, subPath: string, target: string): Promise<void>;
  /**
   * The whole of a file within a folder; undefined when there is none. Links are followed as above, and
   * nothing but a file is read.
   *
   * Errors: throws when it is not within the folder, is no file, or is longer than `bytesMax`.
   */
  readWithin(
    directory: string,
    path: string,
    options: { readonly bytesMax: number },
  ): Promise<Uint8Array | undefined>;
  /** Ends the last mount at this path. */
  unmount(target: string): Promise<void>;
  /** The file system in which a file or folder lies. Errors: the system's, when there is none. */
  fileSystem(path: string): Promise<FileSystemFacts>;
}

/** How large a file system is, and what of it is free for those who are not root. */
export interface FileSystemFacts {
  readonly sizeBytes: number;
  readonly freeBytes: number;
  readonly inodes: number;
  readonly freeInodes: number;
}

export interface FileEntry {
  readonly kind: 'file' | 'directory' | 'socket' | 'character-device' | 'block-device' | 'other';
  /** Permission bits, with those for users, groups and deletion. */
  readonly mode: number;
  readonly userId: number;
  readonly groupId: number;
}

export interface FolderUsage {
  readonly usedBytes: number;
  readonly inodesUsed: number;
}

export interface GroupAccess {
  readonly groupId: number;
  /** Nothing is done where the folder itself is as it should be. */
  readonly onlyOnMismatch: boolean;
}

export interface MountPoint {
  readonly path: string;
  /** `tmpfs`, `ext4`, … */
  readonly type: string;
  /** Whether later mounts below it are seen elsewhere (`shared`), or seen here (`slave`). */
  readonly propagation: 'private' | 'shared' | 'slave';
  /** What the hierarchy or the disk was mounted with: `rw,cpu`. */
  readonly options: readonly string[];
}
