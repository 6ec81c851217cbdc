import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const cache = path.join(import.meta.dirname, '../node_modules/.cache/runtimes');

/** A JavaScript runtime that npm can install. */
export interface Runtime {
  /** With its version. */
  readonly npmPackage: string;
  /** Of the program, below its folder. */
  readonly file: string;
}

/** Installs a runtime, once for all runs of the tests. Answers the path of its program. */
export async function installRuntime({ npmPackage, file }: Runtime): Promise<string> {
  const folder = path.join(cache, npmPackage.replaceAll(/[@/]/g, '-'));
  const program = path.join(folder, 'node_modules', file);
  if (existsSync(program)) return program;
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'package.json'), '{ "private": true }\n');
  const options = ['--no-audit', '--no-fund', '--loglevel=error', '--no-save'];
  await run('npm', ['install', npmPackage, ...options], { cwd: folder, timeout: 180_000 });
  return program;
}
