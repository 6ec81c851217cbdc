import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { skipWithoutContainerd } from '@fairway/node-agent/testing';
import { suggestPort } from '@fairway/serving/testing';
import { skipWithoutKubectl } from './installed-kubectls.ts';
import { openRealCluster } from './real-cluster.ts';
import { runGuide } from './run-guide.ts';

const skip = (await skipWithoutContainerd()) || (await skipWithoutKubectl(30));

test('what is written about pods is true', { skip }, async (t) => {
  await using cluster = await openRealCluster();

  await t.test('in README.md', async () => {
    const readme = await readFile(join(import.meta.dirname, '../README.md'), 'utf8');
    const [, script = ''] = /```sh pods\n([^]*?)```/.exec(readme) ?? [];
    assert.notEqual(script, '');
    const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], {
      cwd: cluster.directory,
      env: { PATH: process.env['PATH'], HOME: '/nonexistent', KUBECONFIG: cluster.kubeconfig },
    });
    assert.match(stdout, /^ca\.crt\nnamespace\ntoken$/m);
    assert.match(stdout, /^inside hello, of \d+\.\d+\.\d+\.\d+$/m);
  });

  for (const guide of ['services', 'pods']) {
    await t.test(`in docs/guides/${guide}.md`, () => runGuide(guide, cluster.directory));
  }

  await t.test('in docs/guides/service-hosts.md', async () => {
    const [port, other] = [await suggestPort(), await suggestPort()];
    await runGuide('service-hosts', cluster.directory, (guide) =>
      guide
        .replaceAll('fairway proxy', `fairway proxy --port ${port}`)
        .replaceAll(':8001', `:${port}`)
        .replaceAll(/8002/g, String(other)),
    );
  });

  await t.test('without an error to tell of', async () => {
    assert.doesNotMatch(await cluster.log(), / error /);
  });
});
