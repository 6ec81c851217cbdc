import { existsSync, globSync, statSync } from 'node:fs';
import { cp, readFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from '../../tools/build.ts';
import { freshFolder, install, out, pack } from '../install-packages.ts';

/** A folder in which a client library is installed, and nothing else. */
export interface Installation {
  readonly path: string;
  readonly packages: number;
  /** As `du -m` counts: blocks of the disk, in units of 2^20 bytes. */
  readonly megabytes: number;
}

/** What a client program installs: the packages of this workspace, from their tarballs. */
export async function installFairway(): Promise<Installation> {
  const folder = await freshFolder('fairway');
  const problems = await build(['host', 'protocol', 'kinds', 'client', 'reconcile']);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  const tarballs = await pack(['host', 'protocol', 'kinds', 'client'], folder);
  await install(folder, tarballs);
  const installation = await measure(folder);
  // Only the rows about caches need it.
  await install(folder, await pack(['reconcile'], folder));
  await copyPrograms(folder);
  return installation;
}

/** The peer, in the version that the goals name. Installed once. */
export async function installClientNode(): Promise<Installation> {
  const folder = path.join(out, 'client-node');
  if (!existsSync(path.join(folder, 'node_modules/@kubernetes/client-node/package.json'))) {
    await freshFolder('client-node');
    await install(folder, ['@kubernetes/client-node@2.0.1']);
  }
  await copyPrograms(folder);
  return measure(folder);
}

async function copyPrograms(folder: string): Promise<void> {
  await cp(path.join(import.meta.dirname, 'programs'), folder, { recursive: true });
}

async function measure(folder: string): Promise<Installation> {
  const lock = JSON.parse(
    await readFile(path.join(folder, 'node_modules/.package-lock.json'), 'utf8'),
  ) as { readonly packages: object };
  const files = globSync('node_modules/**', { cwd: folder });
  const blocks = files.reduce((sum, file) => sum + statSync(path.join(folder, file)).blocks, 0);
  return {
    path: folder,
    packages: Object.keys(lock.packages).length,
    megabytes: (blocks * 512) / 2 ** 20,
  };
}
