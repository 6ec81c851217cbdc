import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { test } from 'node:test';
import { type Host, Secret, silentLogger } from '@fairway/host';
import { systemClock } from '@fairway/host/nodejs';
import { MemoryFiles, seededRandom } from '@fairway/host/testing';
import type { ResourceDescriptor } from '@fairway/protocol';
import { pem, serveHttp2 } from '../test/small-server.ts';
import { type ConnectOptions, connect } from './connect.ts';

const Pod: ResourceDescriptor = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  isNamespaced: true,
};

test('connect() reads the kubeconfig, verifies the server, proves itself and works in the namespace', async () => {
  const seen: unknown[] = [];
  await using server = await serveHttp2((request, response) => {
    seen.push(request.url, request.headers.authorization);
    response.end('{"kind":"Pod","metadata":{"name":"a"}}');
  });
  await using client = await connect({ host: machine(server.url), userAgent: 'test' });
  assert.equal((await client.get(Pod, 'a')).metadata?.name, 'a');
  assert.deepEqual(seen, ['/api/v1/namespaces/shop/pods/a', 'Bearer s3cret-token']);
  assert.ok(!inspect(client, { depth: 9 }).includes('s3cret-token'));
});

test('connect() goes on at another address when the first one is away', async () => {
  await using server = await serveHttp2((_, response) => response.end('{"kind":"Pod"}'));
  const host = machine('https://127.0.0.1:1');
  await using client = await connect({ host, servers: [server.url] });
  for (let i = 0; i < 10; i++) assert.equal((await client.get(Pod, 'a')).kind, 'Pod');
});

test('connect() names what is wrong with the cluster that it found', async () => {
  const host = machine('https://127.0.0.1:1', { files: {} });
  await assert.rejects(connect({ host }), { name: 'KubeconfigError', problem: 'absent' });
});

test('connect() takes a target that is known already', async () => {
  await using server = await serveHttp2((request, response) =>
    response.end(JSON.stringify({ kind: request.url })),
  );
  const options: ConnectOptions = { host: machine(''), target: server.target, namespace: 'other' };
  await using client = await connect(options);
  assert.equal((await client.get(Pod, 'a')).kind, '/api/v1/namespaces/other/pods/a');
});

test('connect() takes a cluster that the program describes, and looks for none', async () => {
  const seen: unknown[] = [];
  await using server = await serveHttp2((request, response) => {
    seen.push(request.headers.authorization, request.headers['impersonate-user']);
    response.end('{"kind":"Pod"}');
  });
  await using client = await connect({
    host: machine('https://127.0.0.1:1', { files: {} }),
    server: server.url,
    certificateAuthority: pem('authority.pem'),
    credentials: async () => ({ token: 'minted', expires: new Date(Date.now() + 600_000) }),
    as: { user: 'jane', groups: ['dev'] },
    namespace: 'other',
  });
  assert.equal((await client.get(Pod, 'a')).kind, 'Pod');
  assert.deepEqual([...seen, client.namespace], ['Bearer minted', 'jane', 'other']);
});

test('connect() refuses what would not be heeded', async () => {
  const host = machine('https://127.0.0.1:1');
  await assert.rejects(connect({ host, token: 't' }), /"token" belongs to a "server"/);
  await assert.rejects(
    connect({ host, server: 'https://a', context: 'here' }),
    /leave out "context"/,
  );
});

function machine(server: string, options: { files?: Record<string, string> } = {}): Host {
  const ca = Buffer.from(pem('authority.pem')).toString('base64');
  const kubeconfig = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'here',
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u', namespace: 'shop' } }],
    clusters: [{ name: 'c', cluster: { server, 'certificate-authority-data': ca } }],
    users: [{ name: 'u', user: { token: new Secret('s3cret-token').reveal() } }],
  });
  return {
    clock: systemClock,
    random: seededRandom(1),
    files: new MemoryFiles(options.files ?? { '/home/a/.kube/config': kubeconfig }),
    processes: { run: () => Promise.reject(new Error('no process is needed')) },
    environment: {
      variables: { HOME: '/home/a' },
      platform: 'linux',
      architecture: 'x64',
      workingDirectory: '/work',
      hostName: 'here',
      isInteractive: false,
      utcOffsetMinutes: () => 0,
      addresses: [],
    },
    logger: silentLogger,
  };
}
