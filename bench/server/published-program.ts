import path from 'node:path';
import { build } from '../../tools/build.ts';
import { layers } from '../../tools/layers.ts';
import { freshFolder, install, pack } from '../install-packages.ts';
import type { Program } from './server-process.ts';

/** Installs what would be published, and answers what Node.js runs then, as `fairway up -d` has it. */
export async function installedProgram(): Promise<Program> {
  const problems = await build();
  if (problems.length > 0) throw new Error(problems.join('\n'));
  const folder = await freshFolder('server');
  await install(folder, await pack(Object.keys(layers), folder));
  const launcher = path.join(folder, 'node_modules/fairway/bin/fairway.js');
  return { launcher, nodeFlags: ['--max-semi-space-size=8'] };
}
