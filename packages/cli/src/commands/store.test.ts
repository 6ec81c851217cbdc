import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { commandLine, scratchFolder } from '../../test/command-line.ts';

const up = ['up', '--node', 'none', '--listen', '127.0.0.1:0'] as const;

test('a damaged store is refused by up, named by check, and opens again after repair', async () => {
  await using folder = await scratchFolder();
  const shell = commandLine(folder.path);
  const file = join(folder.path, '.fairway/store/store.sqlite');
  const missing = await shell.run('store', 'check');
  assert.match(missing.err, /^error: there is no store in .*\/\.fairway; .*--data-dir/);
  {
    await using cluster = shell.start(...up);
    await cluster.until('Stop it with');
    for (const word of ['check', 'repair']) {
      const refused = await shell.run('store', word);
      assert.deepEqual([refused.exitCode, refused.out], [1, '']);
      assert.match(
        refused.err,
        /^error: .*a cluster runs on it already \(process \d+\); stop it with/,
      );
    }
  }
  const whole = await shell.run('store', 'check');
  assert.deepEqual([whole.exitCode, whole.err], [0, '']);
  assert.match(whole.out, /^The store in \S+ is whole: \d+ objects\.\n$/);

  const bytes = await readFile(file);
  const text = '"name":"kube-public"';
  bytes.write('"name":"kube-publix"', bytes.lastIndexOf(text));
  await writeFile(file, bytes);
  const started = await shell.run(...up);
  assert.equal(started.exitCode, 1);
  assert.match(
    started.err,
    /^error: the store in \S+ is damaged: .*lost: \/registry\/\S+; `fairway store check --data-dir \S+\/\.fairway` .*`fairway store repair --data-dir \S+\/\.fairway`/,
  );
  assert.equal(started.err.trimEnd().split('\n').length, 1);
  const checked = await shell.run('store', 'check');
  assert.equal(checked.exitCode, 1);
  assert.match(checked.out, /^lost: \/registry\/\S+kube-public\S*\n$/);
  assert.match(
    checked.err,
    /^error: the store in \S+ is damaged: .*`fairway store repair --data-dir/,
  );
  assert.deepEqual(await readFile(file), bytes);

  const repaired = await shell.run('store', 'repair');
  assert.deepEqual([repaired.exitCode, repaired.err], [0, '']);
  assert.match(
    repaired.out,
    /^lost: \/registry\/\S+\nRepaired the store in \S+: \d+ objects kept, 1 lost\.\n/,
  );
  assert.deepEqual(await readdir(join(folder.path, '.fairway/store')), [
    'store.lock',
    'store.sqlite',
    'store.sqlite.damaged-1',
  ]);
  assert.deepEqual(await readFile(`${file}.damaged-1`), bytes);
  assert.equal((await stat(`${file}.damaged-1`)).mode & 0o777, 0o600);
  assert.equal((await shell.run('store', 'check')).exitCode, 0);
  await using again = shell.start(...up);
  await again.until('Stop it with');
});

test('an empty store file is no new cluster, and nothing can be repaired of it', async () => {
  await using folder = await scratchFolder();
  const shell = commandLine(folder.path);
  await mkdir(join(folder.path, '.fairway/store'), { recursive: true });
  const file = join(folder.path, '.fairway/store/store.sqlite');
  await writeFile(file, '');
  for (const words of [up, ['store', 'check'], ['store', 'repair']] as const) {
    const { exitCode, err } = await shell.run(...words);
    assert.equal(exitCode, 1, words.join(' '));
    assert.match(err, /^error: the store in \S+ is damaged: [^\n]+\n$/);
  }
  assert.equal((await stat(file)).size, 0);
});
