import { type Clock, type Files, messageOf, sleep } from '@fairway/host';
import { KubeconfigError } from './kubeconfig-error.ts';

/** How long to wait for another program to finish its change. */
export const lockWaitMsMax = 5000;
const lockPollMs = 50;

/**
 * Takes the lock files (`PATH.lock`) that kubectl takes, in the same order, until disposed.
 *
 * Errors: throws `KubeconfigError` (`locked`) when another program keeps one, holding none.
 */
export async function lockFiles(
  host: { readonly files: Files; readonly clock: Clock },
  paths: readonly string[],
): Promise<AsyncDisposable> {
  const held: string[] = [];
  async function release(): Promise<void> {
    for (const lock of held.splice(0)) await host.files.remove(lock);
  }
  try {
    for (const path of [...new Set(paths)].toSorted()) {
      const lock = `${path}.lock`;
      await takeLock(host, { path, lock });
      held.push(lock);
    }
  } catch (error) {
    await release();
    throw error;
  }
  return { [Symbol.asyncDispose]: release };
}

async function takeLock(
  { files, clock }: { readonly files: Files; readonly clock: Clock },
  { path, lock }: { path: string; lock: string },
): Promise<void> {
  const startMs = clock.elapsed();
  while (!(await createLock(files, lock))) {
    if (clock.elapsed() - startMs >= lockWaitMsMax) {
      const detail = `another program is changing it; if none is, remove ${lock}`;
      throw new KubeconfigError('locked', [{ file: path, field: '', detail }]);
    }
    await sleep(clock, lockPollMs);
  }
}

async function createLock(files: Files, lock: string): Promise<boolean> {
  try {
    return await files.createExclusively(lock, new Uint8Array(), { mode: 0o600 });
  } catch (error) {
    const reason = messageOf(error);
    const detail = `cannot be made, so the file beside it cannot be changed: ${reason}`;
    throw new KubeconfigError('unreadable', [{ file: lock, field: '', detail }], { cause: error });
  }
}
