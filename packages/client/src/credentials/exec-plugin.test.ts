import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { CommandNotFoundError } from '@fairway/host';
import { nodejsHost } from '@fairway/host/nodejs';
import { type FakeMachine, fakeMachine, pem } from '../../test/fake-machine.ts';
import type { ExecStanza } from '../kubeconfig/kubeconfig-schema.ts';
import { findCluster } from '../target/find-cluster.ts';
import { execPluginCredentials } from './exec-plugin.ts';

const apiVersion = 'client.authentication.k8s.io/v1';
const exec: ExecStanza = { command: 'plugin', apiVersion, interactiveMode: 'IfAvailable' };
const cluster = { server: 'https://a', config: { audience: 'x' } };

function answer(status: unknown, overrides: object = {}): Buffer {
  return Buffer.from(JSON.stringify({ apiVersion, kind: 'ExecCredential', status, ...overrides }));
}

/** A machine whose plugin prints these, one after the other. */
function machineThatPrints(...outputs: Uint8Array[]): FakeMachine {
  const machine: FakeMachine = fakeMachine({
    variables: { PATH: '/bin', SHADOWED: 'no' },
    run: async () => ({
      exitCode: 0,
      output: outputs[Math.min(machine.commands.length, outputs.length) - 1] ?? new Uint8Array(),
    }),
  });
  return machine;
}

test('execPluginCredentials() runs the plugin once for ten requests, and tells it what it may know', async () => {
  const machine = machineThatPrints(answer({ token: 't' }));
  const env = [
    { name: 'SHADOWED', value: 'yes' },
    { name: 'KUBERNETES_EXEC_INFO', value: 'never' },
  ];
  const full = { ...exec, args: ['a', 'b'], env, provideClusterInfo: true };
  const credentials = execPluginCredentials(machine, full, cluster);
  const all = await Promise.all(Array.from({ length: 10 }, () => credentials.current()));
  assert.equal(all[0]?.authorization?.reveal(), 'Bearer t');
  const [command, ...others] = machine.commands;
  assert.equal(others.length, 0);
  const { KUBERNETES_EXEC_INFO = '', ...rest } = command?.environment ?? {};
  assert.deepEqual(rest, { PATH: '/bin', SHADOWED: 'yes' });
  assert.deepEqual(JSON.parse(KUBERNETES_EXEC_INFO), {
    apiVersion,
    kind: 'ExecCredential',
    spec: { interactive: false, cluster },
  });
  assert.deepEqual([command?.file, command?.arguments], ['plugin', ['a', 'b']]);
  assert.equal(command?.input, 'none');
});

test('execPluginCredentials() hides the cluster from a plugin that did not ask for it', async () => {
  const machine = machineThatPrints(answer({ token: 't' }));
  await execPluginCredentials(machine, exec, cluster).current();
  const info: unknown = JSON.parse(machine.commands[0]?.environment['KUBERNETES_EXEC_INFO'] ?? '');
  assert.deepEqual(info, { apiVersion, kind: 'ExecCredential', spec: { interactive: false } });
});

test('execPluginCredentials() hands over the terminal as interactiveMode says', async () => {
  async function input(mode: string | undefined, isInteractive: boolean): Promise<unknown> {
    const run = async (): Promise<{ exitCode: number; output: Uint8Array }> => ({
      exitCode: 0,
      output: answer({ token: 't' }),
    });
    const machine = fakeMachine({ isInteractive, run });
    const { interactiveMode: _, ...rest } = exec;
    const stanza = mode === undefined ? rest : { ...rest, interactiveMode: mode };
    await execPluginCredentials(machine, stanza, cluster).current();
    return machine.commands[0]?.input;
  }
  assert.equal(await input('Never', true), 'none');
  assert.equal(await input('IfAvailable', true), 'inherit');
  assert.equal(await input('IfAvailable', false), 'none');
  assert.equal(await input(undefined, true), 'inherit');
  assert.equal(await input('Always', true), 'inherit');
  await assert.rejects(input('Always', false), {
    problem: 'no-terminal',
    message: /plugin cannot run: standard input is not a terminal/,
  });
});

test('execPluginCredentials() runs again when the answer expires and after a 401', async () => {
  const machine: FakeMachine = machineThatPrints(
    answer({ token: 'one', expirationTimestamp: '2026-01-01T01:00:00Z' }),
    answer({ token: 'two' }),
    answer({ token: 'three' }),
  );
  const credentials = execPluginCredentials(machine, exec, cluster);
  assert.equal((await credentials.current()).expiresMs, Date.UTC(2026, 0, 1, 1));
  await machine.clock.advance(3_590_000);
  const second = await credentials.current();
  assert.equal(second.authorization?.reveal(), 'Bearer two');
  await machine.clock.advance(86_400_000);
  assert.equal(await credentials.current(), second);
  credentials.invalidate(second);
  assert.equal((await credentials.current()).authorization?.reveal(), 'Bearer three');
});

test('execPluginCredentials() gives a new certificate object when the certificate is rotated', async () => {
  const pair = (mark: string): object => ({
    clientCertificateData: pem('CERTIFICATE', mark),
    clientKeyData: pem('PRIVATE KEY', mark),
  });
  const machine = machineThatPrints(answer(pair('1')), answer(pair('1')), answer(pair('2')));
  const credentials = execPluginCredentials(machine, exec, cluster);
  const first = await credentials.current();
  credentials.invalidate(first);
  assert.equal(await credentials.current(), first);
  credentials.invalidate(first);
  assert.notEqual((await credentials.current()).clientCertificate, first.clientCertificate);
});

test('execPluginCredentials() refuses a bad answer without showing it', async () => {
  const cases: [Uint8Array, RegExp][] = [
    [Buffer.from('s3cret'), /it is not JSON/],
    [Buffer.from('["s3cret"]'), /it is not a JSON object/],
    [answer({ token: 's3cret' }, { kind: 'Secret' }), /its kind is not ExecCredential/],
    [
      answer({ token: 's3cret' }, { apiVersion: `${apiVersion}beta1` }),
      /its apiVersion is ".*v1beta1", configured is ".*v1"/,
    ],
    [answer(undefined), /it has no status/],
    [answer({}), /neither a token nor a client certificate/],
    [answer({ token: 5 }), /status\.token is not a string/],
    [answer({ token: 's3cret\n' }), /status\.token holds characters/],
    [answer({ clientKeyData: 's3cret' }), /must come together/],
    [
      answer({ clientKeyData: 's3cret', clientCertificateData: 's3cret' }),
      /clientCertificateData holds no PEM/,
    ],
    [answer({ token: 's3cret', expirationTimestamp: 'soon' }), /is no RFC 3339 time/],
  ];
  for (const [output, expected] of cases) {
    const credentials = execPluginCredentials(machineThatPrints(output), exec, cluster);
    await assert.rejects(credentials.current(), (error: Error) => {
      assert.match(error.message, expected);
      assert.doesNotMatch(inspect(error), /s3cret/);
      return true;
    });
  }
});

test('execPluginCredentials() shows the install hint when the plugin is missing or fails', async () => {
  const installHint = 'Get it from https://example.com';
  const hinted = { ...exec, installHint };
  const missing = fakeMachine({
    run: async ({ file }) => Promise.reject(new CommandNotFoundError(file)),
  });
  await assert.rejects(execPluginCredentials(missing, hinted, cluster).current(), {
    problem: 'not-found',
    message: `exec: executable plugin not found\n\n${installHint}`,
  });
  const failing = fakeMachine({
    run: async () => ({ exitCode: 3, output: Buffer.from('s3cret') }),
  });
  await assert.rejects(execPluginCredentials(failing, hinted, cluster).current(), {
    problem: 'failed',
    message: `exec: executable plugin failed with exit code 3\n\n${installHint}`,
  });
});

test('findCluster() runs a real plugin that lies beside its kubeconfig', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-exec-'));
  try {
    const plugin = `#!${process.execPath}
const { spec } = JSON.parse(process.env.KUBERNETES_EXEC_INFO);
const token = [spec.cluster.server, process.env.FLAVOUR, process.argv[2]].join('|');
console.log(JSON.stringify({ apiVersion: '${apiVersion}', kind: 'ExecCredential', status: { token } }));
`;
    await writeFile(join(folder, 'plugin'), plugin);
    await chmod(join(folder, 'plugin'), 0o755);
    const stanza = {
      ...exec,
      command: './plugin',
      args: ['hello'],
      env: [{ name: 'FLAVOUR', value: 'plain' }],
      interactiveMode: 'Never',
      provideClusterInfo: true,
    };
    const config = {
      'current-context': 'a',
      clusters: [{ name: 'a', cluster: { server: 'https://a' } }],
      users: [{ name: 'a', user: { exec: stanza } }],
      contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
    };
    await writeFile(join(folder, 'config'), JSON.stringify(config));
    const host = nodejsHost();
    const target = await findCluster(host, { kubeconfig: join(folder, 'config') });
    const { authorization } = await target.credentials.current();
    assert.equal(authorization?.reveal(), 'Bearer https://a|plain|hello');
  } finally {
    await rm(folder, { recursive: true });
  }
});
