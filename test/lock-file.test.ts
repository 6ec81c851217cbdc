import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..');

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const readJson = <T>(file: string): T => JSON.parse(readFileSync(join(root, file), 'utf8')) as T;
const { packages } = readJson<{ packages: Record<string, LockedPackage> }>('package-lock.json');

// npm leaves out what the registry does not have at the moment, and then `npm ci` refuses the file
// and people on that platform have no linter.
test('the lock file names the binaries of every platform that their parents name', () => {
  const missing = Object.entries(packages).flatMap(([folder, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name, range]) => foundFrom(folder, name)?.version !== range)
      .map(([name, range]) => `${folder} names ${name}@${range}`),
  );
  assert.deepEqual(missing, []);
  const withBinaries = Object.entries(packages).filter(([, each]) => each.optionalDependencies);
  assert.ok(withBinaries.length > 1, 'nothing was looked at');
});

/** As Node.js looks for it: in the package's own folder, then in those around it. */
function foundFrom(folder: string, name: string): LockedPackage | undefined {
  for (let at = folder; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const found = packages[`${at === '' ? '' : `${at}/`}node_modules/${name}`];
    if (found !== undefined || at === '') return found;
  }
}

test('the lock file says what each package must be, and not from which registry', () => {
  for (const [folder, { resolved = '', integrity, link = false }] of Object.entries(packages)) {
    assert.doesNotMatch(resolved, /:\/\//, folder);
    const isOurs = link || !folder.includes('node_modules/');
    if (!isOurs) assert.match(integrity ?? '', /^sha512-/, folder);
  }
});

test('the lock file agrees with every package.json', () => {
  const folders = ['', ...globSync('packages/*', { cwd: root })];
  const sections = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;
  for (const folder of folders) {
    const manifest = readJson<LockedPackage>(join(folder, 'package.json'));
    for (const section of sections) {
      assert.deepEqual(packages[folder]?.[section] ?? {}, manifest[section] ?? {}, folder);
    }
  }
});
