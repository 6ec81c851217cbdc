import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { skipWithoutContainerd } from '@fairway/node-agent/testing';
import { skipWithoutKubectl } from './installed-kubectls.ts';
import { openRealCluster } from './real-cluster.ts';

const skip = (await skipWithoutContainerd()) || (await skipWithoutKubectl(30));

test('the pods of README.md run', { skip }, async () => {
  const readme = await readFile(join(import.meta.dirname, '../README.md'), 'utf8');
  const [, script = ''] = /```sh pods\n([^]*?)```/.exec(readme) ?? [];
  assert.notEqual(script, '');
  await using cluster = await openRealCluster();
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], {
    cwd: cluster.directory,
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', KUBECONFIG: cluster.kubeconfig },
  });
  assert.match(stdout, /^ca\.crt\nnamespace\ntoken$/m);
  assert.match(stdout, /^inside hello, of \d+\.\d+\.\d+\.\d+$/m);
});
