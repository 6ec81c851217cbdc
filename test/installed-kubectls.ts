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
