import { execFile } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { type TypedExports, reachableDeclarations } from './declarations.ts';

const run = promisify(execFile);
const root = path.join(import.meta.dirname, '../..');

/** What would be published of a package. */
export interface Packed {
  readonly name: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

/** What npm would publish of these packages, in their order; npm starts once for all of them. */
export async function packPackages(folders: readonly string[]): Promise<readonly Packed[]> {
  const workspaces = folders.flatMap((folder) => ['--workspace', folder]);
  const { stdout, stderr } = await run(
    'npm',
    ['pack', '--dry-run', '--json', '--loglevel=warn', ...workspaces],
    { cwd: root, maxBuffer: 64 * 1024 * 1024 },
  );
  if (/npm warn (publish|pack)/.test(stderr)) throw new Error(stderr);
  const answer = JSON.parse(stdout) as readonly Packed[] | Readonly<Record<string, Packed>>;
  const byName = new Map(Object.values(answer).map((packed) => [packed.name, packed]));
  return folders.map((folder) => {
    const packed = byName.get(readManifest(folder).name);
    if (packed === undefined) throw new Error(`npm pack says nothing about ${folder}`);
    return packed;
  });
}

/** Looks at a built package as a registry would. Answers what is wrong with it. */
export async function checkPackage(folder: string, packed: Packed): Promise<readonly string[]> {
  const manifest = readManifest(folder);
  const paths = new Set(packed.files.map((file) => file.path));
  return [
    ...(await lint(folder, manifest)),
    ...['README.md', 'LICENSE', 'package.json'].flatMap((file) =>
      paths.has(file) ? [] : [`${file} is missing`],
    ),
    ...(manifest.sideEffects === false ? [] : ['"sideEffects": false is missing']),
    ...unpublishedTargets(folder, manifest, paths),
    ...foreignTypes(folder, manifest),
    ...[...paths].filter((file) => /\.test\.|^src\/|^test\//.test(file)).map(tooMuch),
  ];
}

interface Manifest extends TypedExports {
  readonly name: string;
  readonly sideEffects?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Manifest;
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

/** A user's compiler would look for them, and find nothing. */
function foreignTypes(folder: string, manifest: Manifest): string[] {
  const known = new Set([manifest.name, ...Object.keys(manifest.dependencies ?? {})]);
  return reachableDeclarations(folder, manifest).flatMap(({ file, packages }) =>
    packages
      .filter((name) => !name.startsWith('node:') && !known.has(name))
      .map((name) => `${file} needs the types of ${name}, which is not installed with it`),
  );
}

function tooMuch(file: string): string {
  return `${file} would be published`;
}
