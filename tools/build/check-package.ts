import { execFile } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const run = promisify(execFile);

/** What would be published of a package, and what is wrong with it. */
export interface PackageReport {
  readonly files: number;
  readonly packedBytes: number;
  readonly unpackedBytes: number;
  readonly problems: readonly string[];
}

/** Looks at a built package as a registry would. */
export async function checkPackage(folder: string): Promise<PackageReport> {
  const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Manifest;
  const packed = await pack(folder);
  const paths = new Set(packed.files.map((file) => file.path));
  const problems = [
    ...(await lint(folder, manifest)),
    ...['README.md', 'LICENSE', 'package.json'].flatMap((file) =>
      paths.has(file) ? [] : [`${file} is missing`],
    ),
    ...(manifest.sideEffects === false ? [] : ['"sideEffects": false is missing']),
    ...unpublishedTargets(folder, manifest, paths),
    ...foreignTypes(folder, manifest),
    ...[...paths].filter((file) => /\.test\.|^src\/|^test\//.test(file)).map(tooMuch),
  ];
  return {
    files: paths.size,
    packedBytes: packed.size,
    unpackedBytes: packed.unpackedSize,
    problems,
  };
}

interface Manifest {
  readonly name: string;
  readonly sideEffects?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

interface Packed {
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

async function pack(folder: string): Promise<Packed> {
  const { stdout, stderr } = await run('npm', ['pack', '--dry-run', '--json', '--loglevel=warn'], {
    cwd: folder,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (/npm warn (publish|pack)/.test(stderr)) throw new Error(stderr);
  const answer = JSON.parse(stdout) as readonly Packed[] | Readonly<Record<string, Packed>>;
  const [packed] = Object.values(answer);
  if (packed === undefined) throw new Error(`npm pack says nothing about ${folder}`);
  return packed;
}

async function lint(folder: string, manifest: Manifest): Promise<string[]> {
  const { messages } = await publint({ pkgDir: folder, level: 'warning' });
  return messages
    .filter(({ path: where }) => !where.includes('@fairway/source'))
    .map((message) => formatMessage(message, manifest) ?? message.code);
}

/** Every target of `exports` must be in the tarball, except the sources, which are for the workspace. */
function unpublishedTargets(
  folder: string,
  { exports = {} }: Manifest,
  paths: ReadonlySet<string>,
): string[] {
  return Object.entries(exports).flatMap(([entry, targets]) =>
    Object.entries(targets).flatMap(([condition, target]) => {
      if (condition === '@fairway/source') {
        return target.includes('*') || existsSync(path.join(folder, target))
          ? []
          : [`exports["${entry}"]: ${target} does not exist`];
      }
      const found = globSync(target, { cwd: folder });
      const isThere = found.length > 0 && found.every((file) => paths.has(path.normalize(file)));
      return isThere ? [] : [`exports["${entry}"].${condition}: ${target} is not published`];
    }),
  );
}

/** Declarations that a user's compiler would follow into a package that is not installed. */
function foreignTypes(
  folder: string,
  { name, exports = {}, dependencies = {} }: Manifest,
): string[] {
  const queue = Object.values(exports).flatMap(({ types = '' }) =>
    globSync(types, { cwd: folder }),
  );
  const seen = new Set<string>();
  const problems: string[] = [];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    const declarations = path.join(folder, file);
    if (seen.has(file) || !existsSync(declarations)) continue;
    seen.add(file);
    const text = readFileSync(declarations, 'utf8');
    for (const [, specifier = ''] of text.matchAll(/(?:from|import\()\s*['"]([^'"]+)['"]/g)) {
      const library = /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? '';
      if (specifier.startsWith('.')) {
        queue.push(path.join(path.dirname(file), specifier.replace(/\.[jt]s$/, '.d.ts')));
      } else if (!specifier.startsWith('node:') && library !== name && !(library in dependencies)) {
        problems.push(`${file} needs the types of ${library}, which is not installed with it`);
      }
    }
  }
  return problems;
}

function tooMuch(file: string): string {
  return `${file} would be published`;
}
