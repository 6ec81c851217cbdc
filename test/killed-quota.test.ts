import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect } from '@fairway/client/connect';
import { ResourceQuota, Secret, ServiceAccount } from '@fairway/kinds/core/v1';
import { fairwayCommand, startProgram } from './fairway-process.ts';

const hard = 500;
const writers = 20;

test('a quota says what is there after its server was killed while many wrote', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-quota-'));
  const up = () =>
    startProgram([
      ...fairwayCommand,
      'up',
      '--node=none',
      '--listen=127.0.0.1:0',
      `--data-dir=${join(directory, 'data')}`,
    ]);
  const kubeconfig = join(directory, 'data', 'kubeconfig');
  const stored: string[] = [];
  try {
    {
      await using first = up();
      await first.until('Stop it with');
      await using admin = await connect({ kubeconfig });
      await admin.waitFor(ServiceAccount, 'default', (found) => found !== undefined);
      const spec = { hard: { secrets: `${hard}` } };
      await admin.create(ResourceQuota, { metadata: { name: 'q' }, spec });
      await admin.waitFor(ResourceQuota, 'q', (quota) => quota?.status?.used !== undefined);
      const killed = new AbortController();
      const write = async (writer: number): Promise<void> => {
        for (let at = 0; ; at++) {
          const name = `s-${writer}-${at}`;
          await admin.create(Secret, { metadata: { name } }, { signal: killed.signal });
          if (stored.push(name) !== 100) continue;
          first.child.kill('SIGKILL');
          killed.abort();
        }
      };
      const all = Array.from({ length: writers }, (_, writer) => write(writer));
      await Promise.allSettled(all);
      await first.ended;
    }
    await using second = up();
    await second.until('Stop it with');
    await using admin = await connect({ kubeconfig });
    const { items: secrets } = await admin.list(Secret).all();
    const names = new Set(secrets.map(({ metadata }) => metadata?.name));
    assert.deepEqual(
      stored.filter((name) => !names.has(name)),
      [],
    );
    assert.ok(secrets.length >= 100 && secrets.length < hard);
    await admin.waitFor(
      ResourceQuota,
      'q',
      (quota) => quota?.status?.used?.['secrets'] === `${secrets.length}`,
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
