/**
 * Writes what would be published, the `dist` of every package, in the order of the layers, and checks it the
 * way a registry's users would meet it. Arguments are names of packages: `npm run build -- client`.
 */
import { cpSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { bundlePackage } from './build/bundle-package.ts';
import { checkPackage } from './build/check-package.ts';
import { compilePackage } from './build/compile-package.ts';
import { type TypedExports, removeUnreachable } from './build/declarations.ts';
import { layers } from './layers.ts';

const root = path.join(import.meta.dirname, '..');

/**
 * What every client program loads: in few files, because each costs a third of a millisecond, and
 * without maps, because their code is as legible as its source. So is what `kinds` consists of.
 */
const bundledPackages: readonly string[] = ['host', 'protocol', 'client'];

/** Builds these packages, or all of them. Answers what is wrong with them, one line each. */
export async function build(names: readonly string[] = []): Promise<string[]> {
  const problems: string[] = [];
  for (const name of inOrder(names)) {
    const folder = path.join(root, 'packages', name);
    rmSync(path.join(folder, 'dist'), { recursive: true, force: true });
    cpSync(path.join(root, 'LICENSE'), path.join(folder, 'LICENSE'));
    const isTypesOnly = bundledPackages.includes(name);
    const hasMaps = !isTypesOnly && name !== 'kinds';
    problems.push(...(await compilePackage(folder, { isTypesOnly, hasMaps })));
    if (isTypesOnly) await bundlePackage(folder);
    removeUnreachable(folder, readManifest(folder));
    const { files, packedBytes, unpackedBytes, problems: found } = await checkPackage(folder);
    problems.push(...found.map((problem) => `packages/${name}: ${problem}`));
    const kilobytes = (bytes: number): string => `${Math.ceil(bytes / 1000)} kB`.padStart(8);
    console.log(
      `${name.padEnd(12)}${String(files).padStart(4)} files` +
        `${kilobytes(unpackedBytes)},${kilobytes(packedBytes)} packed`,
    );
  }
  return problems;
}

/** A package is compiled against the declarations of those below it. */
function inOrder(names: readonly string[]): string[] {
  const unknown = names.filter((name) => !(name in layers));
  if (unknown.length > 0) throw new Error(`no such package: ${unknown.join(', ')}`);
  return Object.entries(layers)
    .filter(([name]) => names.length === 0 || names.includes(name))
    .sort(([, a], [, b]) => a.layer - b.layer)
    .map(([name]) => name);
}

function readManifest(folder: string): TypedExports {
  return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as TypedExports;
}

if (import.meta.main) {
  const problems = await build(process.argv.slice(2));
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
