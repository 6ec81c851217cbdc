import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { nodejsFiles } from './nodejs.ts';
import { nodejsPrivateFiles } from './nodejs-private-files.ts';
import type { PrivateMounts } from './private-files.ts';
import { leakedPrivateMounts } from '../../../test/private-mounts.ts';

const accountPath = '/var/run/secrets/kubernetes.io/serviceaccount';

/** What a shell prints that runs in the view of the mounts. */
async function shell(mounts: PrivateMounts, script: string): Promise<string> {
  const command = mounts.enter({
    file: 'sh',
    arguments: ['-c', script],
    environment: { PATH: process.env['PATH'], 'a.dotted-name': 'kept' },
    workingDirectory: import.meta.dirname,
  });
  const { stdout } = await promisify(execFile)(command.file, [...command.arguments], {
    cwd: command.workingDirectory,
    env: command.environment as NodeJS.ProcessEnv,
  });
  return stdout;
}

const text = (value: string): { bytes: Uint8Array; mode: number } => ({
  bytes: Buffer.from(value),
  mode: 0o644,
});

async function openMounts(): Promise<{ mounts: PrivateMounts } | { cause: string }> {
  const outcome = await nodejsPrivateFiles.openMounts();
  return outcome.kind === 'opened' ? { mounts: outcome.mounts } : { cause: outcome.cause };
}

const opened = await openMounts();
const skip = 'cause' in opened && !process.env['CI'] ? opened.cause : false;
if ('mounts' in opened) await opened.mounts[Symbol.asyncDispose]();

test('openMounts() shows files to one program where it expects them', { skip }, async () => {
  const opened = await openMounts();
  assert.ok('mounts' in opened, 'cause' in opened ? opened.cause : '');
  const hadSecrets = existsSync('/run/secrets');
  const scratch = await mkdtemp(join(tmpdir(), 'fairway-mounts-'));
  await mkdir(join(scratch, 'there'));
  await writeFile(join(scratch, 'there', 'neighbour'), 'real');
  {
    await using mounts = opened.mounts;
    const account = join(mounts.directory, 'account');
    await nodejsFiles.writeTogether(account, new Map([['token', text('first')]]));
    await nodejsFiles.writeTogether(
      join(mounts.directory, 'config'),
      new Map([['deep/key', text('value')]]),
    );
    await mkdir(join(mounts.directory, 'empty'));
    const mount = { isFile: false, isWritable: false };
    await mounts.mount([
      { ...mount, source: 'account', target: accountPath },
      { ...mount, source: 'config', target: '/fairway-config/of a pod' },
      { ...mount, source: 'config/deep/key', target: `${scratch}/there/file`, isFile: true },
      { ...mount, source: 'empty', target: `${scratch}/empty`, isWritable: true },
    ]);
    assert.equal(await shell(mounts, `cat ${accountPath}/token`), 'first');
    await nodejsFiles.writeTogether(account, new Map([['token', text('second')]]));
    assert.equal(await shell(mounts, `cat ${accountPath}/token`), 'second');
    assert.equal(await shell(mounts, 'cat "/fairway-config/of a pod/deep/key"'), 'value');
    const around = `cat ${scratch}/there/file ${scratch}/there/neighbour; pwd`;
    assert.equal(await shell(mounts, around), `valuereal${import.meta.dirname}\n`);
    const refused = `touch ${accountPath}/x 2>&1 || touch ${scratch}/empty/x; ls ${scratch}/empty`;
    assert.match(await shell(mounts, refused), /Read-only file system\nx\n/);
    const unchanged =
      'id -u; grep CapEff /proc/self/status; grep -c a.dotted /proc/$$/environ; ls -d /.f* | wc -l';
    const isRoot = process.getuid?.() === 0;
    assert.equal(
      await shell(mounts, unchanged),
      `${process.getuid?.()}\n${isRoot ? capabilities() : 'CapEff:\t0000000000000000'}\n1\n0\n`,
    );
  }
  assert.deepEqual(await leakedPrivateMounts(), []);
  assert.equal(existsSync('/run/secrets'), hadSecrets);
  assert.deepEqual(readdirSync(scratch), ['there']);
  assert.ok(!existsSync('/fairway-config'));
  await rm(scratch, { recursive: true });
});

function capabilities(): string {
  return /^CapEff.*$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[0] ?? '';
}

test('openMounts() mounts below every folder that users have', { skip }, async () => {
  const opened = await openMounts();
  assert.ok('mounts' in opened);
  await using mounts = opened.mounts;
  const scratch = await mkdtemp(join(tmpdir(), 'fairway-mounts-'));
  await writeFile(join(scratch, 'secret'), 'hidden');
  await mkdir(join(mounts.directory, 'empty'));
  const target = scratch;
  await mounts.mount([{ source: 'empty', target, isFile: false, isWritable: true }]);
  assert.equal(await shell(mounts, `ls -A ${scratch}`), '');
  await rm(scratch, { recursive: true });
});

test('writeTogether() replaces all files of a folder at once, and takes old ones away', async () => {
  const scratch = await mkdtemp(join(tmpdir(), 'fairway-together-'));
  const write = (files: Record<string, string>): Promise<void> =>
    nodejsFiles.writeTogether(
      scratch,
      new Map(Object.entries(files).map(([name, value]) => [name, text(value)])),
    );
  await write({ a: '1', 'b/c': '2' });
  assert.equal(readFileSync(join(scratch, 'b/c'), 'utf8'), '2');
  await write({ a: '3', d: '4' });
  const names = readdirSync(scratch).filter((name) => !/^\.\.[0-9a-f]{16}$/.test(name));
  assert.deepEqual(names.sort(), ['..data', 'a', 'd']);
  assert.equal(readdirSync(scratch).length, names.length + 1);
  assert.equal(readFileSync(join(scratch, 'a'), 'utf8'), '3');
  await rm(scratch, { recursive: true });
});

test('writeTogether() lets others read, whatever mask of permissions this process has', async () => {
  const scratch = await mkdtemp(join(tmpdir(), 'fairway-together-'));
  const directory = join(scratch, 'volume');
  const before = process.umask(0o077);
  try {
    await nodejsFiles.writeTogether(directory, new Map([['deep/key', text('value')]]));
  } finally {
    process.umask(before);
  }
  const modeOf = (path: string): number => statSync(join(directory, path)).mode & 0o777;
  assert.deepEqual(['', 'deep', 'deep/key'].map(modeOf), [0o755, 0o755, 0o644]);
  await rm(scratch, { recursive: true });
});

test('openFolder() makes a folder that is gone afterwards', async () => {
  const folder = await nodejsPrivateFiles.openFolder();
  await writeFile(join(folder.directory, 'token'), 'x');
  await folder[Symbol.asyncDispose]();
  assert.ok(!existsSync(folder.directory));
});

test('openFolder() leaves neither folder nor program when this process is killed', async () => {
  const script = `
    import { spawn } from 'node:child_process';
    import { nodejsPrivateFiles } from ${JSON.stringify(join(import.meta.dirname, 'nodejs-private-files.ts'))};
    const folder = await nodejsPrivateFiles.openFolder();
    const program = spawn('sleep', ['1000'], { stdio: ['ignore', 'inherit', 'ignore'] });
    folder.watch(program.pid);
    console.log(folder.directory);
    setInterval(() => {}, 1_000_000);`;
  const flags = ['--conditions=@fairway/source', '--input-type=module', '--eval', script];
  const child = spawn(process.execPath, flags, { stdio: ['ignore', 'pipe', 'inherit'] });
  // It ends when the last process does that has it, the program too.
  const ended = new Promise((resolve) => child.stdout.once('end', resolve));
  const directory = await new Promise<string>((resolve) => {
    child.stdout.once('data', (chunk) => resolve(String(chunk).trim()));
  });
  assert.ok(existsSync(directory));
  child.kill('SIGKILL');
  await ended;
  assert.ok(!existsSync(directory));
});
