import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type PodServer, servePod } from './pod-server.ts';
import { pem } from './small-server.ts';

test('examples/exec.ts prints what a command prints, and ends as it ends', async () => {
  await using server = await servePod({
    async program({ command, stdout, stderr }) {
      await stdout(`${command.join(' ')}\n`);
      await stderr('a complaint\n');
      return 3;
    },
  });
  await using example = await start(server, ['exec.ts', 'web-0', '--', 'ls', '-l']);
  const ended = once(example.child, 'close');
  let [out, err] = ['', ''];
  example.child.stdout?.on('data', (chunk) => (out += String(chunk)));
  example.child.stderr?.on('data', (chunk) => (err += String(chunk)));
  assert.deepEqual(await ended, [3, null], err);
  assert.deepEqual([out, err], ['ls -l\n', 'a complaint\n']);
});

test('examples/port-forward.ts leads to a port of a pod, until it is interrupted', async () => {
  await using server = await servePod({ ports: () => (stream) => void stream.pipe(stream) });
  await using example = await start(server, ['port-forward.ts', 'web-0', '80']);
  const ended = once(example.child, 'close');
  const [line] = await once(example.child.stdout ?? example.child, 'data');
  const socket = connectTcp(Number(/:(\d+)/.exec(String(line))?.[1]), '127.0.0.1');
  socket.end('hello');
  assert.equal(String(Buffer.concat(await Array.fromAsync(socket))), 'hello');
  example.child.kill('SIGINT');
  assert.deepEqual(await ended, [0, null]);
});

async function start(
  server: PodServer,
  [name = '', ...args]: readonly string[],
): Promise<AsyncDisposable & { readonly child: ChildProcess }> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-example-'));
  const config = join(directory, 'config');
  await writeFile(config, kubeconfigFor(server), { mode: 0o600 });
  const file = fileURLToPath(new URL(`../../../examples/${name}`, import.meta.url));
  const child = spawn(process.execPath, ['--conditions=@fairway/source', file, ...args], {
    env: { PATH: process.env['PATH'], KUBECONFIG: config },
  });
  return {
    child,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await rm(directory, { recursive: true });
    },
  };
}

function kubeconfigFor(server: PodServer): string {
  const authority = Buffer.from(pem('authority.pem')).toString('base64');
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [
      {
        name: 'test',
        cluster: { server: server.url, 'certificate-authority-data': authority },
      },
    ],
    users: [{ name: 'test', user: { token: 't' } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
  });
}
