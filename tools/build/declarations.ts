import { existsSync, globSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

/** The parts of a package.json that say what a user's compiler may read. */
export interface TypedExports {
  readonly exports?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** A declaration file that a user's compiler reads, and the packages that it names. */
export interface Declarations {
  readonly file: string;
  readonly packages: readonly string[];
}

/** Every declaration file that a user's compiler reads, from the entries of a package on. */
export function reachableDeclarations(folder: string, manifest: TypedExports): Declarations[] {
  const entries = Object.values(manifest.exports ?? {}).flatMap(({ types = '' }) =>
    globSync(types, { cwd: folder }),
  );
  const queue = entries.map((file) => path.normalize(file));
  const found = new Map<string, Declarations>();
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (found.has(file) || !existsSync(path.join(folder, file))) continue;
    const specifiers = specifiersOf(readFileSync(path.join(folder, file), 'utf8'));
    const isOwn = (specifier: string): boolean => specifier.startsWith('.');
    for (const specifier of specifiers.filter(isOwn)) {
      queue.push(path.join(path.dirname(file), specifier.replace(/\.[jt]s$/, '.d.ts')));
    }
    const packages = specifiers.filter((specifier) => !isOwn(specifier)).map(packageOf);
    found.set(file, { file, packages });
  }
  return [...found.values()];
}

/** Removes the declarations that no compiler gets to. */
export function removeUnreachable(folder: string, manifest: TypedExports): void {
  const kept = new Set(reachableDeclarations(folder, manifest).map(({ file }) => file));
  for (const file of globSync('dist/**/*.d.ts', { cwd: folder })) {
    if (!kept.has(file)) rmSync(path.join(folder, file));
  }
}

function specifiersOf(text: string): string[] {
  return [...text.matchAll(/(?:from|import\()\s*['"]([^'"]+)['"]/g)].map(([, name = '']) => name);
}

/** The package that a specifier is in: its scope and name, without what is asked for in it. */
export function packageOf(specifier: string): string {
  return /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
}
