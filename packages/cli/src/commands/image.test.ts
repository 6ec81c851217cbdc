import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { exampleImage } from '@fairway/node-agent/testing';
import { commandLine, scratchFolder } from '../../test/command-line.ts';

test('image load takes archives, ls lists them, rm forgets them', async () => {
  await using folder = await scratchFolder();
  const shell = commandLine(folder.path);
  const none = await shell.run('image', 'ls');
  assert.deepEqual([none.exitCode, none.out], [0, '']);
  assert.match(none.err, /^No images were loaded into \S+\/\.fairway\/images; `.*image load FILE`/);
  const archive = await exampleImage('team/app:v1');
  await writeFile(join(folder.path, 'app.tar'), archive);
  const loaded = await shell.run('image', 'load', 'app.tar');
  assert.deepEqual(loaded, { exitCode: 0, out: 'Loaded docker.io/team/app:v1.\n', err: '' });
  const renamed = await shell.run('image', 'load', 'app.tar', '--name', 'app');
  assert.equal(renamed.out, 'Loaded docker.io/library/app:latest.\n');
  const listed = await shell.run('image', 'ls');
  const row = `[0-9a-f]{12} +linux/\\w+ +3 kB`;
  assert.match(
    listed.out,
    new RegExp(
      `^NAME +DIGEST +PLATFORM +SIZE\ndocker.io/team/app:v1 +${row}\ndocker.io/library/app:latest +${row}\n$`,
    ),
  );
  const absent = await shell.run('image', 'rm', 'app', 'none');
  assert.deepEqual([absent.exitCode, absent.out], [1, '']);
  assert.match(absent.err, /^error: no image docker.io\/library\/none:latest was loaded; /);
  const removed = await shell.run('image', 'rm', 'app');
  assert.equal(removed.out, 'Removed docker.io/library/app:latest.\n');
  assert.doesNotMatch((await shell.run('image', 'ls')).out, /library/);
});

test('image says in one line what is wrong with an archive or a name', async () => {
  await using folder = await scratchFolder();
  const shell = commandLine(folder.path);
  await writeFile(join(folder.path, 'text'), 'hello');
  for (const [words, message] of [
    [
      ['load', 'text'],
      /^error: cannot read \S+\/text: the archive ends early; it should be an OCI/,
    ],
    [['load', 'none'], /^error: cannot read \S+\/none: ENOENT/],
    [['rm', 'App'], /^error: "App" is not the name of an image: invalid reference format: .*lower/],
  ] as const) {
    const failed = await shell.run('image', ...words);
    assert.deepEqual([failed.exitCode, failed.out], [1, '']);
    assert.match(failed.err, message);
    assert.equal(failed.err.trimEnd().split('\n').length, 1);
  }
});

test('image names the cluster that was meant', async () => {
  await using folder = await scratchFolder();
  const flags = ['--node', 'none', '--listen', '127.0.0.1:0', '--memory'];
  await using cluster = commandLine(folder.path).start('up', ...flags);
  await cluster.until('Stop it with');
  const inside = join(folder.path, 'inside');
  await mkdir(inside);
  const refused = await commandLine(inside).run('image', 'ls');
  assert.match(
    refused.err,
    /^error: there is no cluster in \S+\/inside\/\.fairway, but one runs on /,
  );
});
