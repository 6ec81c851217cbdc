import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = path.join(import.meta.dirname, '..');

/** Where benches install what they measure. */
export const out = path.join(root, 'bench/out');

/** An empty project. */
export async function freshFolder(name: string): Promise<string> {
  const folder = path.join(out, name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'package.json'), '{ "private": true }\n');
  return folder;
}

/** Writes the tarballs of packages of this workspace, which are built, to a folder. Answers their paths. */
export async function pack(names: readonly string[], target: string): Promise<string[]> {
  const folders = names.map((name) => `./packages/${name}`);
  const options = ['--pack-destination', target, '--loglevel=error'];
  const { stdout } = await run('npm', ['pack', ...options, ...folders], { cwd: root });
  const files = stdout.split('\n').filter((line) => line.endsWith('.tgz'));
  return files.map((file) => path.join(target, path.basename(file.trim())));
}

/** Installs tarballs, or packages of the registry, in a project. */
export async function install(folder: string, what: readonly string[]): Promise<void> {
  await run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...what], {
    cwd: folder,
  });
}
