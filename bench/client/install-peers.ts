import { execFile } from 'node:child_process';
import { existsSync, globSync, statSync } from 'node:fs';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from '../../tools/build.ts';

const run = promisify(execFile);
const root = path.join(import.meta.dirname, '../..');
const out = path.join(root, 'bench/out');

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

async function freshFolder(name: string): Promise<string> {
  const folder = path.join(out, name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'package.json'), '{ "private": true }\n');
  return folder;
}

async function pack(names: readonly string[], target: string): Promise<string[]> {
  const folders = names.map((name) => `./packages/${name}`);
  const options = ['--pack-destination', target, '--loglevel=error'];
  const { stdout } = await run('npm', ['pack', ...options, ...folders], { cwd: root });
  const files = stdout.split('\n').filter((line) => line.endsWith('.tgz'));
  return files.map((file) => path.join(target, path.basename(file.trim())));
}

async function install(folder: string, what: readonly string[]): Promise<void> {
  await run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...what], {
    cwd: folder,
  });
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
