import { join } from 'node:path';
import { type BackgroundProcesses, DisposalStack, type Files, messageOf } from '@fairway/host';
import { CommandError } from '../command-error.ts';
import { quotedPath } from '../quoted-path.ts';

/** A cluster that says in its data directory that it runs. */
export interface RunningCluster {
  readonly pid: number;
  /** Distinguishes the process from a later one with the same number. */
  readonly identity: string;
  /** Absent until it is ready. */
  readonly url?: string;
  readonly kubeconfig?: string;
  /** What becomes of pods, in words. */
  readonly pods?: string;
}

/** What a cluster tells of itself once it is ready. */
export type ReadyCluster = Required<Pick<RunningCluster, 'url' | 'kubeconfig'>> &
  Pick<RunningCluster, 'pods'>;

/** What looking after a data directory takes. */
export interface DataDirectoryHost {
  readonly files: Files;
  readonly background: BackgroundProcesses;
}

/** The cluster that runs on a data directory now; undefined when none does. */
export async function findRunningCluster(
  { files, background }: DataDirectoryHost,
  directory: string,
): Promise<RunningCluster | undefined> {
  const recorded = await recordedCluster(files, directory);
  if (recorded === undefined) return undefined;
  // A process of another program may have got the number since.
  return (await background.identityOf(recorded.pid)) === recorded.identity ? recorded : undefined;
}

/** The cluster that said last that it runs; it may be gone, and if so, it did not stop in order. */
export async function recordedCluster(
  files: Files,
  directory: string,
): Promise<RunningCluster | undefined> {
  return parseRecord(await files.read(pidFile(directory)));
}

/** The right to run a cluster on a data directory, until it is disposed of. */
export interface DataDirectoryClaim extends AsyncDisposable {
  /** The process that had the directory before and did not stop cleanly. */
  readonly abandonedBy?: RunningCluster;
  /** Marks the cluster as ready for processes that look at the directory. */
  announce(ready: ReadyCluster): Promise<void>;
}

/**
 * Makes the data directory and claims it for this process. The claim is a lock that ends with the
 * process; the record beside it only tells others who has it.
 *
 * Errors: `CommandError` when another process has it, or when it cannot be used.
 */
export async function claimDataDirectory(
  host: DataDirectoryHost,
  directory: string,
  pid: number,
): Promise<DataDirectoryClaim> {
  const { files, background } = host;
  const path = pidFile(directory);
  const record: RunningCluster = { pid, identity: (await background.identityOf(pid)) ?? '' };
  const lock = await lockDirectory(files, directory);
  if (lock === undefined) throw isTaken(directory, await findRunningCluster(host, directory));
  await using opened = new DisposalStack();
  opened.use(lock);
  const before = await recordedCluster(files, directory);
  // One of an earlier version holds no lock.
  const other = await findRunningCluster(host, directory);
  if (other !== undefined && other.pid !== pid) throw isTaken(directory, other);
  opened.defer(async () => {
    const recorded = await recordedCluster(files, directory);
    // Whoever made the directory anew meanwhile has another lock.
    if (recorded?.pid === pid && recorded.identity === record.identity) await files.remove(path);
  });
  await usable(directory, () => files.write(path, encode(record), { mode: 0o600 }));
  const claim = opened.move();
  return {
    ...(before === undefined ? {} : { abandonedBy: before }),
    announce: ({ url, kubeconfig, pods }) =>
      files.write(path, encode({ ...record, url, kubeconfig, ...(pods && { pods }) }), {
        mode: 0o600,
      }),
    [Symbol.asyncDispose]: () => claim[Symbol.asyncDispose](),
  };
}

/** Where a detached cluster writes what it has to say. */
export function logFileOf(directory: string): string {
  return join(directory, 'fairway.log');
}

function pidFile(directory: string): string {
  return join(directory, 'fairway.pid');
}

/** Undefined when somebody has it. */
function lockDirectory(files: Files, directory: string): Promise<AsyncDisposable | undefined> {
  return usable(directory, async () => {
    await files.makeDirectory(directory, { mode: 0o700 });
    return files.lock(join(directory, 'fairway.lock'));
  });
}

async function usable<T>(directory: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    throw unusable(directory, cause);
  }
}

function unusable(directory: string, cause: unknown): CommandError {
  const message = `cannot use the data directory ${directory}: ${explain(cause)}`;
  return new CommandError(message, { cause });
}

function explain(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : '';
  if (code === 'EACCES' || code === 'EPERM') {
    return 'the system does not permit it; check who owns it, or name another one with --data-dir';
  }
  if (code === 'EEXIST' || code === 'ENOTDIR') {
    return 'there is a file in the way; move it, or name another one with --data-dir';
  }
  if (code === 'ENOSPC') return 'the disk is full; make room, or name another one with --data-dir';
  const text = messageOf(cause);
  return `${text}; name another one with --data-dir`;
}

function isTaken(directory: string, other: RunningCluster | undefined): CommandError {
  const who = other === undefined ? 'is being started or repaired on it' : `runs on it already`;
  const number = other === undefined ? '' : ` (process ${other.pid})`;
  return new CommandError(
    `cannot use the data directory ${directory}: a cluster ${who}${number}; ` +
      `stop it with \`fairway down --data-dir ${quotedPath(directory)}\`, or name another one with --data-dir`,
  );
}

function encode(record: RunningCluster): Uint8Array {
  return Buffer.from(`${JSON.stringify(record)}\n`);
}

// A record cut short by a full disk or a crash does not say whether a process still runs.
function parseRecord(bytes: Uint8Array | undefined): RunningCluster | undefined {
  if (bytes === undefined) return undefined;
  try {
    const value = JSON.parse(Buffer.from(bytes).toString()) as Partial<RunningCluster> | null;
    const isRecord = Number.isInteger(value?.pid) && typeof value?.identity === 'string';
    return isRecord ? (value as RunningCluster) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
