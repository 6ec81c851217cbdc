import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { test } from 'node:test';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import { type Program, servePod } from '../../test/pod-server.ts';
import type { SmallServer } from '../../test/small-server.ts';
import { type Client, createClient } from '../client.ts';
import { buildTransport } from '../transport/build-transport.ts';
import { copyFromPod, copyToPod } from './copy-pod-files.ts';

/** The tar and the mkdir of this machine, in the place of the container's. */
const run: Program = async ({ command, stdin, stdout, stderr }) => {
  const [file = '', ...args] = command;
  const child = spawn(file, args);
  const ended = new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? 1)));
  const isReading = args[0] === 'xmf';
  if (!isReading) child.stdin.end();
  const copied = isReading
    ? pipeline(Readable.from(stdin), child.stdin).catch(() => {})
    : undefined;
  for await (const chunk of child.stdout) await stdout(chunk as Uint8Array);
  for await (const chunk of child.stderr) await stderr(chunk as Uint8Array);
  await copied;
  return await ended;
};

const longName = `${'long-'.repeat(40)}name`;

test('copyToPod() and copyFromPod() carry a tree there and back', async () => {
  await using place = await directory();
  await using server = await servePod({ program: run });
  await using open = connect(server);
  const here = join(place.path, 'here');
  await mkdir(join(here, 'empty'), { recursive: true });
  const big = Buffer.alloc(3_000_001, 'abc');
  await writeFile(join(here, 'big'), big);
  await writeFile(join(here, longName), 'long');
  await writeFile(join(here, 'nothing'), '', { mode: 0o600 });
  await symlink('/etc/passwd', join(here, 'link'));
  const skipped: string[] = [];
  const onSkipped = (path: string): void => void skipped.push(path);
  const pod = join(place.path, 'pod');
  await copyToPod(open.client, 'web-0', { from: here, to: pod, onSkipped });
  const back = join(place.path, 'back');
  await copyFromPod(open.client, 'web-0', { from: join(pod, 'here'), to: back });
  assert.deepEqual(skipped, ['here/link']);
  const names = ['big', 'empty', longName, 'nothing'];
  assert.deepEqual((await readdir(join(back, 'here'))).toSorted(), names);
  assert.ok(big.equals(await readFile(join(back, 'here', 'big'))));
  assert.equal(await readFile(join(back, 'here', longName), 'utf8'), 'long');
});

test('copyFromPod() goes on where its connection was lost, as often as it may', async () => {
  await using place = await directory();
  const started: string[] = [];
  let cuts = 2;
  const program: Program = async (options) => {
    started.push(options.command[0] ?? '');
    const { stdout } = options;
    let sent = 0;
    return await run({
      ...options,
      async stdout(chunk) {
        await stdout(chunk);
        sent += chunk.length;
        if (sent > 500_000 && cuts > 0) {
          cuts -= 1;
          server.cut();
        }
      },
    });
  };
  await using server = await servePod({ program });
  await using open = connect(server);
  const big = Buffer.alloc(3_000_001, 'abcdefg');
  await writeFile(join(place.path, "it's big"), big);
  const copy = (name: string, retriesMax: number): Promise<void> => {
    const from = join(place.path, "it's big");
    return copyFromPod(open.client, 'web-0', { from, to: place.path, name, retriesMax });
  };
  await copy('back', 2);
  assert.deepEqual(started, ['tar', 'sh', 'sh']);
  assert.ok(big.equals(await readFile(join(place.path, 'back'))));
  cuts = 2;
  await assert.rejects(copy('again', 1), { name: 'ConnectionError' });
});

test('copyFromPod() says what tar said', async () => {
  await using place = await directory();
  await using server = await servePod({ program: run });
  await using open = connect(server);
  const copy = copyFromPod(open.client, 'web-0', { from: '/no/such', to: place.path });
  await assert.rejects(copy, { name: 'TarError', message: /ended with 2: tar: \/no/ });
});

test('copyFromPod() writes through no symbolic link', async () => {
  await using place = await directory();
  await using server = await servePod({ program: run });
  await using open = connect(server);
  const from = join(place.path, 'from');
  const to = join(place.path, 'to');
  await mkdir(join(from, 'sub'), { recursive: true });
  await writeFile(join(from, 'sub', 'file'), 'x');
  await mkdir(join(to, 'from'), { recursive: true });
  await symlink(place.path, join(to, 'from', 'sub'));
  await assert.rejects(copyFromPod(open.client, 'web-0', { from, to }), /is a symbolic link/);
});

async function directory(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'fairway-copy-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

function connect(server: SmallServer): AsyncDisposable & { client: Client } {
  const clock = new ManualClock();
  const random = seededRandom(1);
  const transport = buildTransport(server.target, { clock, random });
  const { send, upgrade } = transport;
  return {
    client: createClient({ transport: send, upgrade, clock, random }),
    [Symbol.asyncDispose]: () => transport.close(),
  };
}
