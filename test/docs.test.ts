import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { skipWithoutKubectl } from './installed-kubectls.ts';
import { openCluster } from './open-cluster.ts';

const root = normalize(join(import.meta.dirname, '..'));
const documents = globSync(['*.md', 'docs/**/*.md', 'bench/README.md'], { cwd: root }).sort();
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');

for (const file of documents) {
  test(`${file} links to files that exist`, () => {
    for (const [, target = ''] of textOf(file).matchAll(/\]\((?!https?:)([^)#]+)/g)) {
      const path = join(root, dirname(file), target);
      assert.ok(globSync(path).length > 0, `${file} links to ${target}`);
    }
  });
}

for (const file of globSync('docs/decisions/*.md', { cwd: root }).sort()) {
  test(`${file} is numbered and has the parts of every decision`, () => {
    const text = textOf(file);
    const number = Number(/\/(\d{4})-[a-z0-9-]+\.md$/.exec(file)?.[1]);
    assert.match(text, new RegExp(`^# ${number}\\. \\S`));
    const parts = [...text.matchAll(/^\*\*([A-Z][^*]*)\.\*\*/gm)].map(([, name]) => name);
    const every = ['Context', 'Decision', 'Evidence', 'Consequence', 'Sign that it was wrong'];
    assert.deepEqual(parts, every);
  });
}

test('no two decisions have one number', () => {
  const numbers = globSync('docs/decisions/*.md', { cwd: root }).map(
    (file) => file.match(/\d{4}/)?.[0],
  );
  assert.equal(new Set(numbers).size, numbers.length, numbers.toSorted().join());
});

test('documents show code that the tests run', () => {
  const examples = globSync('examples/*.ts', { cwd: root }).map(textOf);
  for (const file of documents) {
    for (const [, code = ''] of textOf(file).matchAll(/```ts\n([^]*?)```/g)) {
      assert.ok(
        examples.some((each) => each.includes(code.trim())),
        `${file}: ${code}`,
      );
    }
  }
});

test(
  'the shell commands of README.md work on a cluster',
  { skip: await skipWithoutKubectl() },
  async () => {
    await using open = await openCluster();
    // The README's reader stands in the clone, whose data directory is .fairway.
    await symlink(open.directory, join(open.directory, '.fairway'));
    const blocks = [...textOf('README.md').matchAll(/```sh\n([^]*?)```/g)].map(
      ([, block]) => block,
    );
    assert.ok(blocks.length >= 2);
    const script = blocks.join('\n').replaceAll('npx fairway', 'fairway');
    const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], {
      cwd: open.directory,
      env: {
        PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH']}`,
        HOME: open.directory,
      },
    });
    assert.match(stdout, /kube-system\s+Active/);
    assert.match(stdout, /configmap\/greeting created/);
    assert.match(stdout, /^ {2}hello: world/m);
    assert.match(stdout, /^Active/m);
    assert.match(stdout, /^\*\s+fairway/m);
    assert.match(stdout, /selfsubjectrulesreviews\S*\s+\[\]\s+\[\]\s+\[create\]/);
  },
);
