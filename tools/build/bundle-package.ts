import { readFileSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import { type Plugin, rolldown } from 'rolldown';
import { minify } from 'rolldown/utils';
import { packageOf } from './declarations.ts';

const root = path.join(import.meta.dirname, '../..');

/**
 * Writes one file per entry of a package, one per part that is loaded late, and what they share.
 * Libraries on which the package does not depend go in, with their licences. See
 * docs/decisions/0038-packages-in-few-files.md.
 */
export async function bundlePackage(
  folder: string,
  target: string = path.join(folder, 'dist'),
): Promise<void> {
  const manifest = readManifest(folder);
  const bundle = await rolldown({
    input: entriesOf(folder, manifest),
    external: (specifier) => isExternal(specifier, manifest),
    platform: 'node',
    transform: { target: 'node22.18' },
    logLevel: 'warn',
  });
  const { output } = await bundle.write({
    dir: target,
    plugins: [minifyLibraries],
    format: 'esm',
    chunkFileNames: 'chunks/[name].js',
    codeSplitting: {
      groups: [
        // Every program loads these few, and each file costs more than what is in it.
        { name: 'shared', test: /packages\/host\/src\//, minShareCount: 2 },
        { debugName: 'libraries', name: libraryOf, test: /node_modules/ },
        // A program that does not watch need not have it, and bundlers move whole files only.
        { name: 'watch', test: /\/(line-splitter|parse-watch-frame|json-syntax-error)\.ts$/ },
      ],
    },
  });
  await bundle.close();
  const modules = output.flatMap((part) => (part.type === 'chunk' ? part.moduleIds : []));
  writeNotices(target, librariesAmong(modules));
}

/** Libraries would be half of the package, and are not what somebody reads in it. */
const minifyLibraries: Plugin = {
  name: 'minify-libraries',
  async renderChunk(code, chunk) {
    if (!chunk.moduleIds.some((module) => libraryOf(module) !== null)) return null;
    return { code: (await minify(chunk.fileName, code, { module: true })).code };
  },
};

const builtins: ReadonlySet<string> = new Set(builtinModules);

// Two copies of `ApiError` or `Secret` would not know each other.
function isExternal(specifier: string, { dependencies = {} }: Manifest): boolean {
  if (/^(node:|@fairway\/)/.test(specifier) || builtins.has(specifier)) return true;
  return packageOf(specifier) in dependencies;
}

/** What `exports` names, and the program of a package that has one: nobody imports it. */
function entriesOf(folder: string, { bin, exports }: Manifest): Record<string, string> {
  const entries = Object.values(exports).map((entry) => [
    path.relative('dist', entry.default).replace(/\.js$/, ''),
    path.join(folder, entry['@fairway/source']),
  ]);
  const program = bin === undefined ? [] : [['main', path.join(folder, 'src/main.ts')]];
  return Object.fromEntries([...entries, ...program]) as Record<string, string>;
}

interface Manifest {
  readonly bin?: object;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly exports: Readonly<
    Record<string, { readonly '@fairway/source': string; readonly default: string }>
  >;
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Manifest;
}

function librariesAmong(modules: readonly string[]): string[] {
  const names = modules.map(libraryOf).filter((name) => name !== null);
  return [...new Set(names)].sort();
}

function libraryOf(module: string): string | null {
  return /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(module)?.[1] ?? null;
}

/** Licences ask to go where the code goes. */
function writeNotices(target: string, libraries: readonly string[]): void {
  if (libraries.length === 0) return;
  const notices = libraries.map((name) => {
    const home = path.join(root, 'node_modules', name);
    const { version } = JSON.parse(readFileSync(path.join(home, 'package.json'), 'utf8')) as {
      readonly version: string;
    };
    return `${name} ${version}\n\n${readFileSync(path.join(home, 'LICENSE'), 'utf8').trim()}\n`;
  });
  const text = `This package contains parts of these libraries.\n\n${notices.join('\n---\n\n')}`;
  writeFileSync(path.join(target, 'THIRD-PARTY-NOTICES.txt'), text);
}
