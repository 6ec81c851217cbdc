import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..');
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');

interface Manifest {
  readonly engines?: { readonly node?: string };
  readonly devDependencies?: Readonly<Record<string, string>>;
}

test('the types of Node.js are those of the oldest version that packages promise', () => {
  const { devDependencies = {} } = JSON.parse(textOf('package.json')) as Manifest;
  const [, oldest] = /^(\d+\.\d+)\./.exec(devDependencies['@types/node'] ?? '') ?? [];
  for (const file of globSync('packages/*/package.json', { cwd: root })) {
    const { engines } = JSON.parse(textOf(file)) as Manifest;
    assert.equal(engines?.node, `>=${oldest}`, file);
  }
});

/** One line each, that runs on Node 24 and not on Node 22.18. */
const tooNew = [
  'export const stack = new AsyncDisposableStack();',
  'export const stacked = new DisposableStack();',
  'export const suppressed = SuppressedError;',
  'export const tried = Promise.try(() => 1);',
  "export const escaped = RegExp.escape('a');",
  'export const isError = Error.isError(1);',
  "export const bytes = Uint8Array.fromBase64('');",
  'export const text = new Uint8Array().toHex();',
  'export const sum = Math.sumPrecise([1]);',
  'export const halves = new Float16Array(1);',
  'export const map = new Map<string, number>().getOrInsert("a", 1);',
  'export const url = new URLPattern();',
  "import { DatabaseSync } from 'node:sqlite'; new DatabaseSync('a').createTagStore();",
];

test('the compiler refuses what the oldest version lacks', async () => {
  // Within the repository, so that `types` finds what is installed here.
  const folder = await mkdtemp(join(root, 'node_modules/.cache-oldest-node-'));
  try {
    const files = tooNew.map((_, index) => `line-${index}.ts`);
    await Promise.all(
      files.map((file, index) => writeFile(join(folder, file), tooNew[index] ?? '')),
    );
    const config = { extends: join(root, 'tsconfig.base.json'), files };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const compiler = join(root, 'node_modules/.bin/tsc');
    const { stdout } = spawnSync(
      compiler,
      ['-p', folder, '--noEmit', '--isolatedDeclarations', 'false'],
      { encoding: 'utf8' },
    );
    for (const [index, file] of files.entries()) {
      assert.match(stdout, new RegExp(`${file}\\(\\d+,\\d+\\): error TS`), tooNew[index]);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
