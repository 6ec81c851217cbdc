import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { nodejsFiles, systemClock } from '@fairway/host/nodejs';
import { containerAnnotation } from '../container-config/kubelet-labels.ts';
import { terminationMessage } from './termination-message.ts';
import type { ContainerRecord } from '../runtime/container.ts';

const ended: ContainerRecord = {
  id: 'c1',
  sandboxId: 's1',
  name: 'app',
  attempt: 2,
  image: 'busybox',
  imageId: 'sha256:1',
  state: 'exited',
  createdMs: 0,
  exitCode: 1,
  labels: {},
  annotations: {
    [containerAnnotation.terminationMessagePath]: '/dev/termination-log',
    [containerAnnotation.terminationMessagePolicy]: 'FallbackToLogsOnError',
  },
};

test('terminationMessage() answers what a container has written, or else the end of its log', async () => {
  const root = await mkdtemp(join(tmpdir(), 'fairway-termination-message-'));
  try {
    const logPath = join(root, 'app.log');
    const of = { podUid: 'u1', rootDirectory: root, files: nodejsFiles, clock: systemClock };
    const record = { ...ended, logPath };
    assert.equal(await terminationMessage(record, of), undefined, 'neither is there');
    const lines = Array.from(
      { length: 200 },
      (_, at) => `2026-01-01T00:00:00Z stdout F line ${at}`,
    );
    await writeFile(logPath, `${lines.join('\n')}\n`);
    const end = await terminationMessage(record, of);
    assert.ok(end?.startsWith('line 120\n') && end.endsWith('line 199\n'), 'the last 80 lines');
    assert.equal(
      await terminationMessage({ ...record, exitCode: 0 }, of),
      undefined,
      'it has not failed',
    );
    await writeFile(logPath, `2026-01-01T00:00:00Z stdout F ${'x'.repeat(5_000)}\n`);
    assert.equal((await terminationMessage(record, of))?.length, 2_048);
    await mkdir(join(root, 'pods/u1/containers/app'), { recursive: true });
    await writeFile(join(root, 'pods/u1/containers/app/2'), `${'y'.repeat(9_000)}end`);
    const message = await terminationMessage({ ...record, exitCode: 0 }, of);
    assert.deepEqual([message?.length, message?.endsWith('end')], [4_096, true]);
  } finally {
    await rm(root, { recursive: true });
  }
});
