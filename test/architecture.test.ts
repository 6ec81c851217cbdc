import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { layers } from '../tools/layers.ts';

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

test('the table of packages in ARCHITECTURE.md says what tools/layers.ts holds them to', () => {
  const rows = [...page.matchAll(/^\| (\d) \| `([a-z-]+)`[^|]*\|[^|]+\| ([^|]+) \|$/gm)];
  const said = rows.map(([, layer, name = '', mayImport = '']) => [
    name,
    { layer: Number(layer), mayImport: mayImport === '–' ? [] : mayImport.split(', ').sort() },
  ]);
  const held = Object.entries(layers).map(([name, { layer, mayImport }]) => [
    name,
    { layer, mayImport: name === 'cli' ? ['all'] : [...mayImport].sort() },
  ]);
  assert.deepEqual(Object.fromEntries(said), Object.fromEntries(held));
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
  const table = read('registration/command-table.ts');
  for (const file of registrations.filter((each) => /-commands?\.ts$/.test(each))) {
    assert.ok(table.includes(`./${file}`), file);
  }
  const registered = registrations.map((file) => read(`registration/${file}`)).join('');
  const commands = readdirSync(join(folder, 'commands')).filter(
    (file) => !file.endsWith('.test.ts'),
  );
  assert.ok(commands.length > 5);
  for (const file of commands) assert.ok(registered.includes(`../commands/${file}`), file);
});

const recipes = /## Recipes\n([\s\S]*?)\n## /.exec(page)?.[1] ?? '';
const recipeRows = [...recipes.matchAll(/^\| ([^|`]+) \| (.+) \|$/gm)].map(
  ([, what = '', touched = '']) => ({ what, quoted: quotedIn(touched), touched }),
);

test('every recipe of ARCHITECTURE.md makes one more of what is there already', () => {
  assert.ok(recipeRows.length >= 10);
  for (const { what, quoted, touched } of recipeRows) {
    for (const pattern of quoted.filter((each) => /\bx(-[a-z]+)?\.ts$/.test(each))) {
      assert.ok(examplesOf(pattern).length > 1, `${what}: nothing looks like ${pattern}`);
    }
    for (const folder of touched.matchAll(/folder in `([^`]+)`/g)) {
      const { length } = globSync(`${folder[1]}/*/*.ts`, { cwd: root });
      assert.ok(length > 1, `${what}: ${folder[1]} has no folders`);
    }
  }
});

test('every list in which a recipe wants a line lists what is there already', () => {
  const lists = recipeRows.flatMap(({ what, quoted, touched }) =>
    [...touched.matchAll(/a line in `([^`]+\.ts)`/g)].map(([, list = '']) => {
      const file = list.includes('/') ? list : siblingOf(quoted[0] ?? '', list);
      const before = quoted.slice(0, quoted.indexOf(list));
      return { what, file, pattern: before.findLast((each) => /\bx(-[a-z]+)?\.ts$/.test(each)) };
    }),
  );
  assert.ok(lists.length >= 10);
  for (const { what, file, pattern } of lists) {
    const imported = importsOf(file);
    if (pattern === undefined) continue;
    const listed = examplesOf(pattern).filter((each) =>
      exportsOf(each).some((name) => new RegExp(`\\b${name}\\b`).test(imported)),
    );
    assert.ok(listed.length > 1, `${what}: ${file} lists nothing of ${pattern}`);
  }
});

test('every command that a recipe runs exists, with its flags', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  const commands = recipeRows.flatMap(({ quoted }) =>
    quoted.filter((each) => each.startsWith('npm run ')),
  );
  assert.ok(commands.length > 0);
  for (const command of commands) {
    const script = command.split(' ')[2] ?? '';
    assert.ok(scripts[script] !== undefined, command);
    const source = globSync(`tools/${script}*.ts`, { cwd: root })
      .map((file) => readFileSync(join(root, file), 'utf8'))
      .join('\n');
    for (const [, flag = ''] of command.matchAll(/--([a-z]+)/g)) {
      assert.match(source, new RegExp(`\\b${flag}: \\{`), `${command}: no --${flag}`);
    }
  }
});

function quotedIn(text: string): readonly string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, quoted = '']) => quoted);
}

/** The files that are what `x` of a recipe stands for. */
function examplesOf(pattern: string): readonly string[] {
  return globSync(pattern.replace(/\bx(?=(-[a-z]+)?\.ts$)/, '*'), { cwd: root }).filter(
    (file) => !file.endsWith('.test.ts'),
  );
}

/** A file that a recipe names without its folder lies in the package of the first that it names. */
function siblingOf(first: string, name: string): string {
  const [, owner = ''] = first.split('/');
  const found = globSync(`packages/${owner}/src/**/${name}`, { cwd: root });
  assert.equal(found.length, 1, `${found.length} files are called ${name} in packages/${owner}`);
  return found[0] ?? '';
}

/** What a file imports and passes on, as text. */
function importsOf(file: string): string {
  const text = readFileSync(join(root, file), 'utf8');
  const now = text.matchAll(/^(?:import|export) [^;]* from '[^']+';/gm);
  const late = text.matchAll(/\(await import\('[^']+'\)\)\.\w+/g);
  return [...now, ...late].join('\n');
}

function exportsOf(file: string): readonly string[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/^export (?:async )?(?:function\*?|const|class) (\w+)/gm)].map(
    ([, name = '']) => name,
  );
}
