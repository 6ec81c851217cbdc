import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmod,
  link,
  lstat,
  mkdir,
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
import { nodejsMachineFiles as machine } from './nodejs-machine-files.ts';

const isRoot = process.getuid?.() === 0 && process.platform === 'linux';
const asRoot = { skip: !isRoot && process.env['CI'] === undefined && 'not root on Linux' };

async function scratchFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'fairway-machine-'));
  return {
    path,
    async [Symbol.asyncDispose]() {
      // What is still mounted after a failure leads to other folders, whose files stay.
      for (const mount of await machine.mountsWithin(path)) await machine.unmount(mount.path);
      await rm(path, { recursive: true, force: true });
    },
  };
}

test('removeTree() takes folders of any depth and names, and follows no link', asRoot, async () => {
  await using folder = await scratchFolder();
  const kept = join(folder.path, 'kept');
  const gone = join(folder.path, 'gone');
  await mkdir(join(gone, ...Array.from({ length: 300 }, (_, index) => `d${index}`)), {
    recursive: true,
  });
  await mkdir(kept);
  await writeFile(join(kept, 'file'), 'kept');
  await symlink(kept, join(gone, 'link'));
  await symlink('../kept', join(gone, 'd0', 'link'));
  await writeFile(Buffer.from(`${gone}/d0/\xff\n`, 'latin1'), '');
  await machine.removeTree(gone);
  await machine.removeTree(gone);
  assert.deepEqual(await readdir(folder.path), ['kept']);
  assert.equal(await readFile(join(kept, 'file'), 'utf8'), 'kept');
  await symlink(kept, gone);
  await assert.rejects(machine.removeTree(gone));
  assert.deepEqual(await readdir(kept), ['file']);
});

test(
  'removeTree() takes nothing of what is mounted within, at whatever depth',
  asRoot,
  async () => {
    await using folder = await scratchFolder();
    const gone = join(folder.path, 'gone');
    for (const target of [join(gone, 'mount'), join(gone, 'deep/mount')]) {
      await machine.mountMemory(target, { mode: 0o700, bytesMax: 65_536 });
      try {
        await writeFile(join(target, 'file'), 'kept');
        await assert.rejects(machine.removeTree(gone), { code: 'EBUSY' });
        const mounted = await machine.mountsWithin(folder.path);
        assert.equal(mounted.length, 1);
        assert.equal(mounted[0]?.type, 'tmpfs');
        const [place] = mounted;
        assert.equal(await readFile(join(place?.path ?? '', 'file'), 'utf8'), 'kept');
      } finally {
        for (const { path } of await machine.mountsWithin(gone)) await machine.unmount(path);
      }
    }
    await machine.removeTree(gone);
    assert.deepEqual(await readdir(folder.path), []);
  },
);

test('mountMemory() holds no more than it may', asRoot, async () => {
  await using folder = await scratchFolder();
  const target = join(folder.path, 'memory');
  await machine.mountMemory(target, { mode: 0o1777, bytesMax: 8_192 });
  try {
    assert.equal((await machine.entry(target))?.mode, 0o1777);
    await writeFile(join(target, 'fits'), Buffer.alloc(8_192));
    await assert.rejects(writeFile(join(target, 'more'), Buffer.alloc(8_192)), { code: 'ENOSPC' });
  } finally {
    await machine.unmount(target);
  }
});

test('bindWithin() shows parts of a folder, made where they are not there', asRoot, async () => {
  await using folder = await scratchFolder();
  const volume = join(folder.path, 'volume');
  await mkdir(join(volume, 'real/part'), { recursive: true });
  await chmod(volume, 0o2775);
  await writeFile(join(volume, 'real/part/file'), 'text');
  await symlink('real', join(volume, 'link'));
  const bound = async (subPath: string): Promise<string | readonly string[]> => {
    const target = join(folder.path, 'bound', String(Math.random()));
    await machine.bindWithin(volume, subPath, target);
    try {
      const facts = await stat(target);
      return facts.isDirectory() ? await readdir(target) : await readFile(target, 'utf8');
    } finally {
      await machine.unmount(target);
    }
  };
  assert.deepEqual(await bound('link/part'), ['file']);
  assert.equal(await bound('real/part/file'), 'text');
  assert.deepEqual(await bound('link/new/deeper'), []);
  assert.equal((await stat(join(volume, 'real/new/deeper'))).mode & 0o7777, 0o2775);
});

test('bindWithin() leads nowhere else, whatever lies in the folder', asRoot, async () => {
  await using folder = await scratchFolder();
  const volume = join(folder.path, 'volume');
  await mkdir(volume);
  await mkdir(join(folder.path, 'secret'));
  await writeFile(join(folder.path, 'secret/file'), '');
  await symlink(join(folder.path, 'secret'), join(volume, 'absolute'));
  await symlink('../secret', join(volume, 'upwards'));
  await symlink('../nothing', join(volume, 'dangling'));
  await symlink('loop', join(volume, 'loop'));
  const target = join(folder.path, 'target');
  const cases = [
    'absolute',
    'absolute/file',
    'upwards',
    'upwards/new',
    '../secret',
    'a/../../secret',
  ];
  for (const subPath of [...cases, 'dangling', 'dangling/new', 'loop', folder.path]) {
    await assert.rejects(machine.bindWithin(volume, subPath, target), subPath);
  }
  assert.deepEqual(await readdir(join(folder.path, 'secret')), ['file']);
  assert.deepEqual((await readdir(folder.path)).sort(), ['secret', 'volume']);
});

test('overwrite() keeps the file itself, with its mode, and follows no link', asRoot, async () => {
  await using folder = await scratchFolder();
  const path = join(folder.path, 'hosts');
  await machine.overwrite(path, Buffer.from('long text'), 0o666);
  const before = await stat(path);
  await machine.overwrite(path, Buffer.from('text'), 0o666);
  const after = await stat(path);
  assert.deepEqual([after.ino, after.mode & 0o7777, after.size], [before.ino, 0o666, 4]);
  await symlink(path, join(folder.path, 'link'));
  await assert.rejects(machine.overwrite(join(folder.path, 'link'), Buffer.from('x'), 0o644));
  assert.equal(await readFile(path, 'utf8'), 'text');
});

test('giveToGroup() gives all but what links lead to', asRoot, async () => {
  await using folder = await scratchFolder();
  const volume = join(folder.path, 'volume');
  await mkdir(join(volume, 'inner'), { recursive: true });
  await writeFile(join(volume, 'inner/file'), '', { mode: 0o600 });
  await writeFile(join(folder.path, 'outside'), '', { mode: 0o600 });
  await symlink('../outside', join(volume, 'link'));
  const access = { groupId: 4_321, onlyOnMismatch: false };
  await machine.giveToGroup(volume, access);
  const of = async (path: string): Promise<readonly number[]> => {
    const { gid, mode } = await lstat(join(folder.path, path));
    return [gid, mode & 0o7777];
  };
  assert.deepEqual(await of('volume/inner/file'), [4_321, 0o660]);
  assert.deepEqual(await of('volume/inner'), [4_321, 0o2775]);
  assert.deepEqual(await of('volume'), [4_321, 0o2775]);
  assert.deepEqual(await of('outside'), [0, 0o600]);
  await chmod(join(volume, 'inner/file'), 0o600);
  await machine.giveToGroup(volume, { ...access, onlyOnMismatch: true });
  assert.deepEqual(await of('volume/inner/file'), [4_321, 0o600]);
});

test('giveToGroup() refuses folders that nest without end', asRoot, async () => {
  await using folder = await scratchFolder();
  const names = Array.from({ length: 202 }, () => 'd');
  await mkdir(join(folder.path, ...names), { recursive: true });
  const access = { groupId: 4_321, onlyOnMismatch: false };
  await assert.rejects(machine.giveToGroup(folder.path, access), /deeper than 200 folders/);
});

test('readWithin() reads files within a folder, and nothing else', asRoot, async () => {
  await using folder = await scratchFolder();
  const volume = join(folder.path, 'volume');
  await mkdir(join(volume, 'real'), { recursive: true });
  await writeFile(join(volume, 'real/file'), 'text');
  await writeFile(join(folder.path, 'secret'), 'secret');
  await symlink('real', join(volume, 'link'));
  await symlink('../secret', join(volume, 'upwards'));
  await symlink(join(folder.path, 'secret'), join(volume, 'absolute'));
  execFileSync('sh', ['-c', 'mkfifo "$1"', 'sh', join(volume, 'pipe')]);
  const read = async (path: string, bytesMax = 4): Promise<string | undefined> => {
    const bytes = await machine.readWithin(volume, path, { bytesMax });
    return bytes && Buffer.from(bytes).toString();
  };
  assert.equal(await read('link/file'), 'text');
  assert.equal(await read('none'), undefined);
  assert.equal(await read('none/file'), undefined);
  await assert.rejects(read('real/file', 3), /longer than 3 bytes/);
  for (const path of ['upwards', 'absolute', '../secret', 'pipe', 'real', '/etc/hostname']) {
    await assert.rejects(read(path), path);
  }
});

test('usage() counts what a folder holds itself, each file once', asRoot, async () => {
  await using folder = await scratchFolder();
  const volume = join(folder.path, 'volume');
  await mkdir(join(volume, 'inner'), { recursive: true });
  const before = await machine.usage(volume);
  assert.equal(before.inodesUsed, 2);
  await writeFile(join(volume, 'inner/file'), Buffer.alloc(100_000));
  await link(join(volume, 'inner/file'), join(volume, 'again'));
  await writeFile(join(folder.path, 'large'), Buffer.alloc(1_000_000));
  await symlink('../large', join(volume, 'link'));
  await machine.mountMemory(join(volume, 'mount'), { mode: 0o755 });
  await writeFile(join(volume, 'mount/file'), Buffer.alloc(1_000_000));
  const after = await machine.usage(volume);
  assert.equal(after.inodesUsed, 4);
  const addedBytes = after.usedBytes - before.usedBytes;
  assert.ok(addedBytes >= 100_000 && addedBytes < 200_000, `${addedBytes}`);
});

test('fileSystem() tells how large the file system of a folder is', async () => {
  await using folder = await scratchFolder();
  const facts = await machine.fileSystem(folder.path);
  assert.ok(facts.sizeBytes > facts.freeBytes && facts.freeBytes > 0);
  assert.ok(facts.inodes >= facts.freeInodes);
  await assert.rejects(machine.fileSystem(join(folder.path, 'nowhere')), /ENOENT/);
});
