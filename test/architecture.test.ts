import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..');
const page = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');

test('every path that ARCHITECTURE.md names exists', () => {
  const paths = [...page.matchAll(/`((?:packages|tools|docs)\/[^`\s]+)`/g)]
    .map(([, path = '']) => path)
    // A recipe names files to make: `x` stands for whatever is added.
    .filter((path) => !/(^|\/)x\.ts$/.test(path) && !/\/x-[a-z-]+\.ts$/.test(path));
  assert.ok(paths.length > 20);
  assert.deepEqual(
    paths.filter((path) => !existsSync(join(root, path))),
    [],
  );
});

test('every bound that ARCHITECTURE.md names is used in the file beside it', () => {
  const section = /## Work is bounded\n([\s\S]*?)\n## /.exec(page)?.[1] ?? '';
  const rows = [...section.matchAll(/^\| (`[^|]+) \| `([^`]+)` \|/gm)];
  assert.ok(rows.length >= 5);
  for (const [, names = '', file = ''] of rows) {
    const source = readFileSync(join(root, file), 'utf8');
    for (const [, name = ''] of names.matchAll(/`([A-Za-z]+)`/g)) {
      assert.match(source, new RegExp(`\\b${name}\\b`), `${file} has no ${name}`);
    }
  }
});

test('a command is added as the recipe of ARCHITECTURE.md says', () => {
  const folder = join(root, 'packages/cli/src');
  const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
  const registrations = readdirSync(join(folder, 'registration'));
  const program = read('run-command.ts');
  for (const file of registrations) assert.ok(program.includes(`./registration/${file}`), file);
  const registered = registrations.map((file) => read(`registration/${file}`)).join('');
  const commands = readdirSync(join(folder, 'commands'));
  assert.ok(commands.length > 5);
  for (const file of commands) assert.ok(registered.includes(`../commands/${file}`), file);
});
