import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { type CommandLine, commandLine, scratchFolder } from './command-line.ts';

/** Runs the command until it says what is expected: nodes come, and what a cluster tells of itself. */
async function untilSaid(
  shell: CommandLine,
  where: 'out' | 'err',
  expected: RegExp,
  ...flags: readonly string[]
): Promise<RegExpExecArray> {
  for (let tries = 0; ; tries++) {
    const said = await shell.run('service-rules', ...flags);
    const found = expected.exec(said[where]);
    if (found !== null) return found;
    if (tries === 100) assert.fail(`${said.out}${said.err}`);
  }
}

test('fairway service-rules prints rules of the node that is meant, or says what is missing', async () => {
  await using folder = await scratchFolder();
  const place = ['--memory', '--listen', '127.0.0.1:0', '--node', 'none'];
  const cluster = commandLine(folder.path).start('up', ...place, '--simulated-nodes', '1');
  try {
    await cluster.until('Stop it with');
    const kubeconfig = join(folder.path, '.fairway/kubeconfig');
    const shell = commandLine(folder.path, { KUBECONFIG: kubeconfig });
    await untilSaid(shell, 'err', /say --dry-run to see which/);
    const missing = /no node x: say whose rules are meant with --node-name \(there are: (?!none)/;
    await untilSaid(shell, 'err', missing, '--dry-run', '--node-name', 'x');
    const services = /^table ip fairway \{[^]*ip daddr 10\.0\.0\.0\/24 jump services/m;
    const [text] = await untilSaid(shell, 'out', services, '--dry-run');
    assert.match(text, /^ {4}ip saddr 10\.244\.0\.0\/16 jump services/m);
    await untilSaid(shell, 'out', /^table ip fairway-policies \{/m, '--dry-run');
    const other = ['--cluster-cidr', '10.9.0.0/16', '--service-cluster-ip-range', '10.8.0.0/24'];
    await untilSaid(shell, 'out', /ip saddr 10\.9\.0\.0\/16 jump services/, '--dry-run', ...other);
  } finally {
    cluster.interrupt();
    await cluster.ended;
  }
});
