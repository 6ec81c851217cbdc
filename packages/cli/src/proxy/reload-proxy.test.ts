import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LogFields, silentLogger } from '@fairway/host';
import { nodejsHost } from '@fairway/host/nodejs';
import { ManualClock, MemoryFiles, settle } from '@fairway/host/testing';
import { SwitchedProxy } from '@fairway/proxy';
import type { Output } from '../output/output.ts';
import type { OpenProxyFlags, OpenedProxy } from './open-proxy.ts';
import { ReloadedProxy } from './reload-proxy.ts';

const output: Output = {
  write: async () => {},
  writeError: async () => {},
  writeStyled: async () => {},
  passOn: async () => {},
  hasColors: false,
};

const flags = { isInCluster: true } as OpenProxyFlags;

test('ReloadedProxy closes what it is opening when it is disposed of, and waits for that', async () => {
  const said: string[] = [];
  const named = (name: string): OpenedProxy => ({
    handler: () => Promise.reject(new Error('nobody asks')),
    upgradeHandler: () => Promise.reject(new Error('nobody asks')),
    clusterProblem: async () => undefined,
    warnings: [],
    async [Symbol.asyncDispose]() {
      await settle();
      said.push(`${name} is closed`);
    },
  });
  const [files, clock] = [new MemoryFiles(), new ManualClock()];
  await files.write('/proxy.yaml', Buffer.from('{}'));
  const opening = Promise.withResolvers<OpenedProxy>();
  const isOpening = Promise.withResolvers<void>();
  const proxy = new SwitchedProxy(named('the first'));
  const warn = (text: string, _?: LogFields): void => void said.push(text);
  const reloaded = new ReloadedProxy(
    { host: { ...nodejsHost(), files, clock }, output },
    {
      path: '/proxy.yaml',
      layered: { with: async () => flags },
      flags,
      fixed: [],
      open: () => {
        isOpening.resolve();
        return opening.promise;
      },
      onOpened: () => said.push('the second counts'),
      proxy,
      logger: { ...silentLogger, warn },
    },
  );
  void reloaded.reload();
  await isOpening.promise;
  const disposed = reloaded[Symbol.asyncDispose]().then(() => said.push('all is over'));
  opening.resolve(named('the second'));
  await disposed;
  await proxy[Symbol.asyncDispose]();
  assert.deepEqual(said, ['the second is closed', 'all is over', 'the first is closed']);
});
