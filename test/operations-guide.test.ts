import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { scratchFolder } from '../packages/cli/test/command-line.ts';
import { skipWithoutKubectl } from './installed-kubectls.ts';
import { openCluster } from './open-cluster.ts';
import { expectOutputs, guideScript, guideVariables, readGuide } from './run-guide.ts';

const skip = await skipWithoutKubectl();

test('docs/guides/operations.md shows what a server tells', { skip }, async () => {
  await using folder = await scratchFolder();
  const guide = (await readGuide('operations')).replaceAll(
    'fairway up -d',
    'fairway up -d --listen 127.0.0.1:0 --node none',
  );
  const { steps, script } = guideScript(guide);
  assert.ok(steps.length >= 7);
  const ending = 'trap "fairway down > /dev/null 2>&1" EXIT\n';
  const { stdout } = await promisify(execFile)('bash', ['-c', ending + script], {
    cwd: folder.path,
    env: guideVariables(folder.path),
  }).catch((error: { stdout: string }) => error);
  expectOutputs(steps, stdout);
});

const dashboard = new URL('../docs/dashboards/api-server.json', import.meta.url);

test('the dashboard asks for metrics that a server has, with labels that they have', async () => {
  const { panels } = JSON.parse(await readFile(dashboard, 'utf8')) as {
    panels: readonly { readonly targets?: readonly { readonly expr: string }[] }[];
  };
  const asked = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  assert.ok(asked.length > 20);
  await using open = await openCluster();
  const { apiServer } = open.cluster;
  const { signal } = new AbortController();
  const about = { method: 'GET', query: '', headers: {}, body: undefined, signal };
  // Who comes from outside proves who he is, or that he is nobody.
  await apiServer.handler({ ...about, path: '/readyz' });
  const asAdmin = apiServer.handlerFor({ username: 'a', groups: ['system:masters'] });
  const { body } = await asAdmin({ ...about, path: '/metrics' });
  assert.ok(body instanceof Uint8Array);
  const text = Buffer.from(body).toString();
  const quiet = /^apiserver_audit_|^etcd_request_errors|^apiserver_request_terminations/;
  for (const expression of asked) {
    for (const [, name = '', matchers = ''] of expression.matchAll(/([a-z_]+)\{([^}]*)\}/g)) {
      // Where nothing of the kind has happened there is nothing to count.
      if (quiet.test(name)) continue;
      const series = new RegExp(`^${name}(\\{.*\\})? `, 'm').exec(text)?.[0];
      assert.ok(series !== undefined, `there is no ${name}, for ${expression}`);
      for (const [, label = ''] of matchers.matchAll(/([a-z_]+)[!=]/g)) {
        if (label !== 'job') assert.ok(series.includes(`${label}="`), `${name} has no ${label}`);
      }
      const by = /by \(([^)]*)\)/.exec(expression)?.[1] ?? '';
      for (const label of by.split(',').map((each) => each.trim())) {
        if (label === '') continue;
        assert.ok(series.includes(`${label}="`), `${name} has no ${label}`);
      }
    }
  }
});
