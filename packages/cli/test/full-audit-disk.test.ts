import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { clusterIn } from './cluster-in.ts';
import { commandLine, scratchFolder } from './command-line.ts';

const onlyVersions = `apiVersion: audit.k8s.io/v1
kind: Policy
rules: [{ level: Metadata, nonResourceURLs: [/version] }]
`;

suite('an audit log on a disk that is full', { skip: process.platform !== 'linux' }, () => {
  for (const [mode, status, text] of [
    ['blocking-strict', 500, /failed to store audit event/],
    ['blocking', 200, /gitVersion/],
    ['batch', 200, /gitVersion/],
  ] as const) {
    test(`${mode} answers ${status}, and tells what was lost`, async () => {
      await using folder = await scratchFolder();
      await writeFile(join(folder.path, 'policy.yaml'), onlyVersions);
      // It takes nothing, ever.
      const audit = `--audit-policy-file policy.yaml --audit-log-path /dev/full --audit-log-mode ${mode}`;
      const flags = `--memory --listen 127.0.0.1:0 --node none ${audit}`;
      await using up = commandLine(folder.path).start('up', ...flags.split(' '));
      await up.until('Stop it with');
      const { ask } = await clusterIn(folder.path);
      const answer = await ask('/version');
      assert.equal(answer.status, status);
      assert.match(answer.text, text);
      assert.equal((await ask('/readyz')).status, 200);
      // A batch is written after the answer.
      const lost = /^apiserver_audit_error_total\{plugin="log"\} \d+$/m;
      while (!lost.test((await ask('/metrics')).text)) await delay(5);
    });
  }
});
