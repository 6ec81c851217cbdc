/**
 * Writes what would be published, the `dist` of every package, in the order of the layers, and checks it the
 * way a registry's users would meet it. Arguments are names of packages, or `image` for all of them and an image of
 * the ambassador: `npm run build -- client`.
 */
import { cpSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { writeAmbassadorImage } from './build/ambassador-image.ts';
import { bundlePackage } from './build/bundle-package.ts';
import { checkPackage, packPackages } from './build/check-package.ts';
import { compilePackage } from './build/compile-package.ts';
import { type TypedExports, removeUnreachable } from './build/declarations.ts';
import { layers } from './layers.ts';

const root = path.join(import.meta.dirname, '..');

/** Is published file by file: a program loads the few kinds that it names. */
const unbundledPackage = 'kinds';

/** Builds these packages, or all of them. Answers what is wrong with them, one line each. */
export async function build(names: readonly string[] = []): Promise<string[]> {
  const problems: string[] = [];
  const folders = inOrder(names).map((name) => path.join(root, 'packages', name));
  for (const folder of folders) problems.push(...(await buildPackage(folder)));
  for (const [at, packed] of (await packPackages(folders)).entries()) {
    const folder = folders[at] ?? '';
    const found = await checkPackage(folder, packed);
    problems.push(...found.map((problem) => `${path.relative(root, folder)}: ${problem}`));
    const kilobytes = (bytes: number): string => `${Math.ceil(bytes / 1000)} kB`.padStart(8);
    console.log(
      `${path.basename(folder).padEnd(12)}${String(packed.files.length).padStart(4)} files` +
        `${kilobytes(packed.unpackedSize)},${kilobytes(packed.size)} packed`,
    );
  }
  return problems;
}

/** Writes the `dist` of one package. Answers what the compiler says against it. */
async function buildPackage(folder: string): Promise<readonly string[]> {
  const name = path.basename(folder);
  rmSync(path.join(folder, 'dist'), { recursive: true, force: true });
  cpSync(path.join(root, 'LICENSE'), path.join(folder, 'LICENSE'));
  const isBundled = name !== unbundledPackage;
  const problems = await compilePackage(folder, { isTypesOnly: isBundled });
  if (isBundled) await bundlePackage(folder);
  removeUnreachable(folder, readManifest(folder));
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
  const names = process.argv.slice(2);
  const isImage = names.includes('image');
  const problems = await build(isImage ? [] : names);
  if (isImage && problems.length === 0) {
    const { folder, name, bytes } = await writeAmbassadorImage();
    const where = path.relative(process.cwd(), folder);
    console.log(
      `${name}, ${(bytes / 1e6).toFixed(1)} MB, in ${where} (fairway image load ${where})`,
    );
  }
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
