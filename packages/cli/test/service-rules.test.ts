import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { commandLine, scratchFolder } from './command-line.ts';

test('fairway service-rules prints rules of the node that is meant, or says what is missing', async () => {
  await using folder = await scratchFolder();
  const up = [
    'up',
    '--memory',
    '--listen',
    '127.0.0.1:0',
    '--node',
    'none',
    '--simulated-nodes',
    '2',
  ];
  const cluster = commandLine(folder.path).start(...up);
  try {
    await cluster.until('Stop it with');
    const shell = commandLine(folder.path, {
      KUBECONFIG: join(folder.path, '.fairway/kubeconfig'),
    });
    assert.match((await shell.run('service-rules')).err, /say --dry-run to see which/);
    const none = await shell.run('service-rules', '--dry-run', '--node-name', 'x');
    assert.match(none.err, /no node x: say whose rules are meant with --node-name \(there are: /);
    const [, name = ''] = /there are: ([^,]+),/.exec(none.err) ?? [];
    const { out } = await shell.run('service-rules', '--dry-run', '--node-name', name);
    assert.match(out, /^table ip fairway \{[^]*ip daddr 10\.0\.0\.0\/24 jump services/m);
    assert.match(out, /^table ip fairway-policies \{/m);
    const other = ['--cluster-cidr', '10.9.0.0/16', '--service-cluster-ip-range', '10.8.0.0/24'];
    const told = await shell.run('service-rules', '--dry-run', '--node-name', name, ...other);
    assert.match(told.out, /ip saddr 10\.9\.0\.0\/16 jump services/);
  } finally {
    cluster.interrupt();
    await cluster.ended;
  }
});
