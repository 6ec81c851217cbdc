import assert from 'node:assert/strict';
import { test } from 'node:test';
import { argumentsOf } from './start-detached-cluster.ts';

test('argumentsOf() spells every flag again but the one that detaches, and gives Node.js the flags of a server', () => {
  assert.deepEqual(
    argumentsOf(program, {
      detach: true,
      memory: true,
      dataDir: '/a b',
      listen: '127.0.0.1:0',
      serviceClusterIpRange: '10.0.0.0/24',
      tlsSan: ['one', '-two'],
      controllers: ['*', '-garbage'],
      scheduler: false,
    }),
    [
      '--max-semi-space-size=8',
      '/fairway.js',
      'up',
      '--no-scheduler',
      '--memory',
      '--data-dir=/a b',
      '--listen=127.0.0.1:0',
      '--service-cluster-ip-range=10.0.0.0/24',
      '--tls-san=one',
      '--tls-san=-two',
      '--controllers=*',
      '--controllers=-garbage',
    ],
  );
  assert.deepEqual(argumentsOf(program, { ...bare, memory: false }), argumentsOf(program, bare));
  assert.deepEqual(argumentsOf(program, { ...bare, scheduler: true }), argumentsOf(program, bare));
});

const program = { arguments: ['/fairway.js'] };
const bare = {
  dataDir: '/a',
  listen: '127.0.0.1:0',
  serviceClusterIpRange: '10.0.0.0/24',
  tlsSan: [],
};
