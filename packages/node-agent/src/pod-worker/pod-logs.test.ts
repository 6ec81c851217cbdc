import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { nodejsMachineFiles as machine } from '@fairway/host/machine';
import { nodejsHost } from '@fairway/host/nodejs';
import { podLogs } from './pod-logs.ts';

test('logs of pods of which no more is known are found by their folders, and taken away', async () => {
  const logDirectory = await mkdtemp(join(tmpdir(), 'fairway-logs-'));
  try {
    const node = {
      name: 'n1',
      addresses: [],
      capacity: {},
      allocatable: {},
      clusterDns: [],
      clusterDomain: '',
      rootDirectory: '/nowhere',
      hasAppArmor: false,
      hostDns: { servers: [], searches: [], options: [] },
      logDirectory,
    };
    const logs = podLogs({ machine, files: nodejsHost().files, node });
    assert.deepEqual(await logs.leftovers(), []);
    for (const folder of ['shop_web_u1', 'shop_web_u2', 'somebody-elses', 'a_b_c_d']) {
      await mkdir(join(logDirectory, folder, 'main'), { recursive: true });
      await writeFile(join(logDirectory, folder, 'main', '0.log'), 'x');
    }
    assert.deepEqual([...(await logs.leftovers())].sort(), ['u1', 'u2']);
    await logs.removeLeft('u1');
    await logs.removeLeft('d');
    const rest = (await readdir(logDirectory)).sort();
    assert.deepEqual(rest, ['a_b_c_d', 'shop_web_u2', 'somebody-elses']);
  } finally {
    await rm(logDirectory, { recursive: true });
  }
});
