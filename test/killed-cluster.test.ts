import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect } from '@fairway/client/connect';
import { Pod, ServiceAccount } from '@fairway/kinds/core/v1';
import { skipWithoutNamespaces } from '@fairway/node-agent/testing';
import { fairwayCommand, startProgram } from './fairway-process.ts';
import { machineTraces } from './machine-traces.ts';

const skip = await skipWithoutNamespaces();

test(
  '`fairway down` ends pods that are processes of a cluster that was killed',
  { skip },
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'fairway-killed-'));
    const dataDirectory = join(directory, 'data');
    const marks = { dataDirectory, addressPrefixes: [] };
    const fairway = (...words: readonly string[]) =>
      startProgram([...fairwayCommand, ...words, `--data-dir=${dataDirectory}`]);
    try {
      await using up = fairway('up', '--node=process', '--listen=127.0.0.1:0');
      await up.until('Stop it with');
      await using admin = await connect({ kubeconfig: join(dataDirectory, 'kubeconfig') });
      await admin.waitFor(ServiceAccount, 'default', (found) => found !== undefined);
      const container = { name: 'app', image: 'host', command: ['sleep', '600'] };
      await admin.create(Pod, { metadata: { name: 'app' }, spec: { containers: [container] } });
      await admin.waitFor(Pod, 'app', (pod) => pod?.status?.phase === 'Running');
      up.child.kill('SIGKILL');
      await up.ended;
      const { processes, mounts } = await machineTraces(marks);
      assert.notDeepEqual([processes, mounts], [[], []], 'they go on');
      const first = await fairway('down').ended;
      assert.equal(first.exitCode, 0, first.output);
      assert.match(first.output, /Ended the pods that it has left on this machine\.\n/);
      const after = await machineTraces(marks);
      assert.deepEqual([after.processes, after.mounts], [[], []]);
      const second = await fairway('down').ended;
      assert.match(second.output, /^No cluster runs on /);
      assert.doesNotMatch(second.output, /Ended/);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
);
