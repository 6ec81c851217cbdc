import assert from 'node:assert/strict';
import { duplexPair } from 'node:stream';
import { test } from 'node:test';
import type { BackendEndpoint } from '@fairway/apiserver';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import { type HttpRequest, collectBody } from '@fairway/protocol';
import { BackendConnections } from './backend-connections.ts';

const doors = { clock: new ManualClock(), random: seededRandom(1) };

function endpointOn(containerRuntime: string, name = 'web'): BackendEndpoint {
  const pod = { namespace: 'default', name, node: 'n1', containerRuntime };
  return { scheme: 'http', host: '192.0.2.1', port: 80, pod };
}

const request: HttpRequest = {
  method: 'GET',
  path: '/',
  query: '',
  headers: {},
  body: undefined,
  signal: new AbortController().signal,
};

test('a pod that is a process is reached through its node, over streams that are kept', async () => {
  const opened: string[] = [];
  await using backends = new BackendConnections(doors, async ({ namespace, name }, port) => {
    opened.push(`${namespace}/${name}:${port}`);
    const [near, far] = duplexPair();
    far.on('data', (bytes: Buffer) => {
      const isUpgrade = bytes.includes('upgrade: websocket');
      const answer = isUpgrade
        ? 'HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\nhello'
        : 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
      far.write(answer);
    });
    return near;
  });
  const process = endpointOn('process://1.0');
  for (let count = 0; count < 3; count += 1) {
    const { body } = await backends.dial(process).send(request);
    assert.equal(Buffer.from(await collectBody(body)).toString(), 'ok');
  }
  assert.deepEqual(opened, ['default/web:80']);
  // Another one that has got the same address.
  await collectBody((await backends.dial(endpointOn('process://1.0', 'next')).send(request)).body);
  assert.deepEqual(opened, ['default/web:80', 'default/next:80']);
  const headers = { upgrade: 'websocket' };
  const answer = await backends.dial(process).upgrade({ ...request, headers });
  assert.ok(answer.kind === 'accepted');
  for await (const bytes of answer.stream.incoming) {
    assert.equal(Buffer.from(bytes).toString(), 'hello');
    break;
  }
  assert.equal(opened.length, 3);
});

test('why a node does not lead to its pod is told', async () => {
  const openPodPort = (): Promise<never> => Promise.reject(new Error('no such pod'));
  await using backends = new BackendConnections(doors, openPodPort);
  const { send } = backends.dial(endpointOn('process://1.0'));
  await assert.rejects(send(request), /no such pod/);
  assert.throws(() => backends.dial(endpointOn('simulated://1.0')), {
    code: 501,
    message: 'node "n1" is simulated: its pods run no programs; see docs/guides/simulated-nodes.md',
  });
});
