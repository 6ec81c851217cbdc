import type { AttachedCommand } from './attached-processes.ts';

/** Files for one program, as an argument: where it expects them, or in a folder of their own. */
export interface PrivateFiles {
  /** Opens a place for files in memory, to be mounted where a program and its children alone see them. */
  openMounts(): Promise<MountsOutcome>;
  /** Makes a folder that only this user reads, and that goes with this process, however it ends. */
  openFolder(): Promise<PrivateFolder>;
}

export type MountsOutcome =
  | { readonly kind: 'opened'; readonly mounts: PrivateMounts }
  | { readonly kind: 'unavailable'; readonly cause: string };

/**
 * A private view of this machine's files. Nothing of it is on a disk, and it ends with the last
 * process that sees it, whatever ends that one.
 */
export interface PrivateMounts extends AsyncDisposable {
  /** Where the files are made, each volume in a folder of its own; usable until disposed of. */
  readonly directory: string;
  /**
   * Mounts volumes, each over what is there. A place that does not exist comes into being in this view
   * only. To be called once. Errors: throws with what the system says.
   */
  mount(requests: readonly MountRequest[]): Promise<void>;
  /** The command that starts `command` in this view. It ends with SIGTERM when this process is killed. */
  enter(command: AttachedCommand): AttachedCommand;
}

export interface MountRequest {
  /** Path below `directory`, of a folder or a file. */
  readonly source: string;
  /** Absolute path. */
  readonly target: string;
  readonly isFile: boolean;
  readonly isWritable: boolean;
}

export interface PrivateFolder extends AsyncDisposable {
  readonly directory: string;
  /** Names the program that uses it: it gets SIGTERM when this process is killed. */
  watch(pid: number): void;
}
