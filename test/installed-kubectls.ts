import { execFile } from 'node:child_process';
import { access, readdir, realpath } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** A kubectl of this machine. */
export interface InstalledKubectl {
  readonly file: string;
  /** `1.32` */
  readonly version: string;
}

/**
 * The kubectl on the PATH, and those of other versions that some distributions put beside it;
 * one of each version, oldest first.
 */
export async function installedKubectls(): Promise<readonly InstalledKubectl[]> {
  const first = await findOnPath('kubectl');
  if (first === undefined) return [];
  const folder = dirname(await realpath(first));
  const siblings = (await readdir(folder)).filter((name) => /^kubectl\.1\.\d+$/.test(name));
  const byVersion = new Map<string, InstalledKubectl>();
  for (const file of [...siblings.map((name) => join(folder, name)), first]) {
    const version = await versionOf(file);
    if (!byVersion.has(version)) byVersion.set(version, { file, version });
  }
  return [...byVersion.values()].sort((one, other) => minorOf(one) - minorOf(other));
}

async function findOnPath(name: string): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const file = join(folder, name);
    const isThere = await access(file).then(
      () => true,
      () => false,
    );
    if (isThere) return file;
  }
  return undefined;
}

async function versionOf(file: string): Promise<string> {
  const { stdout } = await promisify(execFile)(file, ['version', '--client', '-o', 'json']);
  const { clientVersion } = JSON.parse(stdout) as { clientVersion: { gitVersion: string } };
  return /^v(\d+\.\d+)/.exec(clientVersion.gitVersion)?.[1] ?? '0.0';
}

function minorOf({ version }: InstalledKubectl): number {
  return Number(version.split('.')[1]);
}

/**
 * Why a test that needs the kubectl of the PATH is skipped; false when it runs. In CI a missing
 * kubectl skips nothing, so that the test fails and says so. `since`: the first 1.x that can do it.
 */
export async function skipWithoutKubectl(since = 0): Promise<string | false> {
  const file = await findOnPath('kubectl');
  if (file === undefined) return process.env['CI'] ? false : 'kubectl is not installed';
  const version = await versionOf(file);
  const isOld = Number(version.split('.')[1]) < since;
  return isOld ? `kubectl ${version} is too old; 1.${since} or newer does this` : false;
}
