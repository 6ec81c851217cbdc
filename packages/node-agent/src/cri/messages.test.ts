import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeProtobufMessage, encodeProtobufMessage } from '@fairway/protocol';
import { socketPathOf } from './cri-client.ts';
import { type CriMessageName, criMessages, criTable, fullName } from './messages.ts';
import { resourcesMessage } from './resources-message.ts';

test('every field of a message has a type that the codec knows, and a number of its own', () => {
  const table = criTable();
  for (const [name, fields] of Object.entries(criMessages)) {
    // Types are looked up when a message is first read.
    decodeProtobufMessage(fullName(name as CriMessageName), new Uint8Array(), table);
    const numbers = Object.values(fields).map(([number]) => number);
    assert.equal(new Set(numbers).size, numbers.length, name);
  }
});

test('a message is read as it was written, moments beyond 2^53 exactly', () => {
  const table = criTable();
  const status = {
    id: 'a',
    metadata: { name: 'main', attempt: 3 },
    state: 2,
    createdAt: 1_795_955_537_063_123_456n,
    exitCode: 137,
    labels: { one: '1', two: '2' },
  };
  const bytes = encodeProtobufMessage(fullName('ContainerStatus'), status, table);
  assert.deepEqual(decodeProtobufMessage(fullName('ContainerStatus'), bytes, table), status);
});

test('huge pages are named as the kernel does', () => {
  const { hugepageLimits } = resourcesMessage({ hugepageBytesMax: { '2Mi': 4, '1Gi': 8 } });
  assert.deepEqual(hugepageLimits, [
    { pageSize: '2MB', limit: 4 },
    { pageSize: '1GB', limit: 8 },
  ]);
});

test('socketPathOf() takes the endpoints that kubelets take', () => {
  assert.equal(
    socketPathOf('unix:///run/containerd/containerd.sock'),
    '/run/containerd/containerd.sock',
  );
  assert.equal(socketPathOf('/run/crio/crio.sock'), '/run/crio/crio.sock');
  for (const endpoint of ['tcp://127.0.0.1:1', 'npipe:////./pipe/x', '', 'unix://']) {
    assert.throws(() => socketPathOf(endpoint), {
      problem: 'unsupported',
      message: /is no unix socket; name one as unix:\/\/\/PATH/,
    });
  }
});
