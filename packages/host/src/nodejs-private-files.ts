import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PrivateFiles, PrivateFolder } from './private-files.ts';

/** Private files as this machine has them. */
export const nodejsPrivateFiles: PrivateFiles = {
  async openMounts() {
    const { openPrivateMounts } = await import('./nodejs-private-mounts.ts');
    return openPrivateMounts();
  },
  openFolder,
};

/** Waits until its input ends, as it does with the process that holds the other end of it. */
const watcherScript = `
program=
while read -r line; do program=$line; done
rm -rf "$1"
[ -z "$program" ] || kill -TERM "$program" 2>/dev/null
`;

async function openFolder(): Promise<PrivateFolder> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-run-'));
  const watcher = spawn('sh', ['-c', watcherScript, 'fairway', directory], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watcher.unref();
  watcher.on('error', () => {}); // Without a shell the folder goes when this process ends by itself.
  watcher.stdin.on('error', () => {});
  return {
    directory,
    watch: (pid) => void watcher.stdin.write(`${pid}\n`),
    async [Symbol.asyncDispose]() {
      // The program has ended; another process may have its number by now.
      watcher.stdin.end('\n');
      await rm(directory, { recursive: true, force: true });
    },
  };
}
