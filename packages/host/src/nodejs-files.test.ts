import assert from 'node:assert/strict';
import {
  chown,
  lstat,
  mkdtemp,
  readFile,
  readdir,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { nodejsFiles } from './nodejs.ts';

const bytes = Buffer.from('new');

async function scratchFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'fairway-files-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

test('write() replaces what a symbolic link points to, also where nothing is yet', async () => {
  await using folder = await scratchFolder();
  const link = join(folder.path, 'link');
  await symlink('second', link);
  await symlink('file', join(folder.path, 'second'));
  for (let round = 0; round < 2; round++) {
    await nodejsFiles.write(link, bytes, { mode: 0o600 });
    assert.ok((await lstat(link)).isSymbolicLink());
    assert.ok((await lstat(join(folder.path, 'second'))).isSymbolicLink());
    assert.equal(await readFile(join(folder.path, 'file'), 'utf8'), 'new');
  }
  assert.deepEqual((await readdir(folder.path)).sort(), ['file', 'link', 'second']);
});

test(
  'write() leaves a file to its owner',
  { skip: process.getuid?.() !== 0 && 'not root' },
  async () => {
    await using folder = await scratchFolder();
    const file = join(folder.path, 'file');
    await writeFile(file, 'old');
    await chown(file, 4321, 8765);
    await nodejsFiles.write(file, bytes, { mode: 0o600 });
    const { uid, gid, mode } = await stat(file);
    assert.deepEqual([uid, gid, mode & 0o777], [4321, 8765, 0o600]);
  },
);

test('readEnd() reads the last bytes of what is new, however long the file is', async () => {
  await using folder = await scratchFolder();
  const path = join(folder.path, 'log');
  await writeFile(path, 'before|0123456789');
  const read = async (skippedBytes: number, bytesMax: number): Promise<string | undefined> => {
    const end = await nodejsFiles.readEnd(path, { skippedBytes, bytesMax });
    return end && Buffer.from(end).toString();
  };
  assert.equal(await read(7, 100), '0123456789');
  assert.equal(await read(7, 3), '789');
  assert.equal(await read(100, 100), '');
  const absent = { skippedBytes: 0, bytesMax: 1 };
  assert.equal(await nodejsFiles.readEnd(join(folder.path, 'none'), absent), undefined);
});
