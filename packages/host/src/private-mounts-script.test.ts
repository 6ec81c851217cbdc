import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { placesScript } from './private-mounts-script.ts';

const unshare = [
  ...(process.getuid?.() === 0 ? [] : ['--user', '--map-current-user', '--keep-caps']),
  '--mount',
  '--propagation=slave',
];
const isPossible = await promisify(execFile)('unshare', [...unshare, 'true']).then(
  () => true,
  () => false,
);
const skip = !isPossible && !process.env['CI'] && 'this user may not unshare mounts';

/** Makes a place in a folder, and lists it; `meanwhile` runs before each mount. */
async function coverOf(folder: string, meanwhile: string): Promise<string> {
  const script = `
set -eu
stage=/proc/driver
mount -t tmpfs fairway $stage
devices=$(stat -c %d $stage)
mount() {
  ${meanwhile}
  command mount "$@"
}
${placesScript}
make_place folder "$0/new"
ls -R "$0"
`;
  const { stdout } = await promisify(execFile)('unshare', [...unshare, 'sh', '-c', script, folder]);
  return stdout;
}

test('a place is made beside entries of which some go meanwhile', { skip }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-cover-'));
  await Promise.all(['folder', 'going'].map((name) => mkdir(join(folder, name))));
  await Promise.all(['file', 'gone'].map((name) => writeFile(join(folder, name), name)));
  await symlink('file', join(folder, 'link'));
  await writeFile(join(folder, 'folder/inside'), '');
  const seen = await coverOf(
    folder,
    'case "$*" in */going\\ *) rmdir "$0/going" ;; */gone\\ *) rm "$0/gone" ;; esac',
  );
  assert.equal(
    seen,
    `${folder}:\nfile\nfolder\nlink\nnew\n\n${folder}/folder:\ninside\n\n${folder}/new:\n`,
  );
  await rm(folder, { recursive: true });
});

test('no place is made beside an entry that cannot be shown', { skip }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-cover-'));
  await mkdir(join(folder, 'hidden'));
  const refusing = 'case "$*" in */hidden\\ *) return 32 ;; esac';
  await assert.rejects(coverOf(folder, refusing), { code: 1 });
  await rm(folder, { recursive: true });
});
