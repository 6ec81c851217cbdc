import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { access, chmod, copyFile, mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import type { PrivateFiles } from '@fairway/host';
import { nodejsPrivateFiles } from '@fairway/host/machine';
import { ServiceAccount } from '@fairway/kinds/core/v1';
import { ClusterRoleBinding } from '@fairway/kinds/rbac/v1';
import { commandLine } from '../packages/cli/test/command-line.ts';
import { fairwayCommand, startProgram, type RunningProgram } from './fairway-process.ts';
import { openCluster, type OpenCluster } from './open-cluster.ts';
import { leakedPrivateMounts } from './private-mounts.ts';

const account = '/var/run/secrets/kubernetes.io/serviceaccount';
const canMount = await promisify(execFile)('unshare', ['--mount', 'true']).then(
  () => true,
  () => false,
);
const hasCurl = await promisify(execFile)('curl', ['--version']).then(
  () => true,
  () => false,
);
/** Why a test that needs a mount namespace as root is skipped; in CI it is not, and fails. */
const skip =
  process.env['CI'] || (canMount && hasCurl)
    ? false
    : canMount
      ? 'curl is not installed'
      : 'this user may not unshare mounts';
const skipWithoutCurl = process.env['CI'] || hasCurl ? false : 'curl is not installed';

interface Opened extends OpenCluster {
  /** The folder that programs of `run` have for what is temporary; nobody else does. */
  readonly temporary: string;
  /** `fairway run` as the account `robot`, which may view everything. */
  run(words: readonly string[], flags?: readonly string[]): RunningProgram;
}

async function openWithRobot(): Promise<Opened> {
  const open = await openCluster();
  const { admin, cluster } = open;
  await admin.create(ServiceAccount, { metadata: { name: 'robot', namespace: 'default' } });
  await admin.create(ClusterRoleBinding, {
    metadata: { name: 'robot' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    subjects: [{ kind: 'ServiceAccount', name: 'robot', namespace: 'default' }],
  });
  const temporary = join(open.directory, 'temporary');
  await mkdir(temporary);
  return {
    ...open,
    temporary,
    run: (words, flags = []) =>
      startProgram(
        [...fairwayCommand, 'run', '--service-account=default/robot', ...flags, '--', ...words],
        {
          environment: { KUBECONFIG: cluster.kubeconfig, GREETING: 'hello', TMPDIR: temporary },
          workingDirectory: open.directory,
        },
      ),
  };
}

/** A request as a program in the cluster makes it, with curl. */
const curl = `curl --silent --show-error --cacert ${account}/ca.crt --header "Authorization: Bearer $(cat ${account}/token)" "https://$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT/api/v1/namespaces/default/configmaps"`;

test('fairway run', { skip }, async (context) => {
  await using open = await openWithRobot();

  await context.test('gives a program its account, where programs in a cluster look', async () => {
    const script = `${curl}; echo; cat ${account}/namespace; echo; env; pwd; exit 7`;
    await using program = open.run(['sh', '-c', script]);
    const { output, exitCode } = await program.ended;
    assert.match(output, /"kind": "ConfigMapList"/);
    const { hostname, port } = new URL(open.cluster.url);
    for (const line of [
      'default',
      `KUBERNETES_SERVICE_HOST=${hostname}`,
      `KUBERNETES_SERVICE_PORT=${port}`,
      'GREETING=hello',
      open.directory,
    ]) {
      assert.ok(output.split('\n').includes(line), `${line} in ${output}`);
    }
    assert.doesNotMatch(output, /^KUBECONFIG=/m);
    assert.equal(exitCode, 7);
  });

  await context.test('hides the kubeconfig of the home directory', async () => {
    const home = join(open.directory, 'home');
    await mkdir(join(home, '.kube'), { recursive: true });
    await copyFile(open.cluster.kubeconfig, join(home, '.kube', 'config'));
    await using program = startProgram(
      [...fairwayCommand, 'run', '--service-account=robot', '--', 'ls', '-A', `${home}/.kube`],
      { environment: { HOME: home } },
    );
    assert.deepEqual(await program.ended, { output: '', exitCode: 0 });
  });

  await context.test('gets the audience into the token', async () => {
    await using program = open.run(['cat', `${account}/token`], ['--audience=vault']);
    const { output } = await program.ended;
    const claims = JSON.parse(Buffer.from(output.split('.')[1] ?? '', 'base64url').toString());
    assert.deepEqual((claims as { aud: unknown }).aud, ['vault']);
  });

  await context.test('passes on input, signals and how the program ended', async () => {
    await using reader = open.run(['sh', '-c', 'cat; kill -9 $$']);
    reader.child.stdin?.end('typed');
    assert.deepEqual(await reader.ended, { output: 'typed', exitCode: 128 + 9 });
    const script =
      'trap "exit 5" TERM; trap "echo first" INT; echo ready; while :; do read x; done';
    await using sleeper = open.run(['sh', '-c', script]);
    await sleeper.until('ready');
    sleeper.child.kill('SIGINT');
    sleeper.child.stdin?.write('\n');
    await sleeper.until('first');
    sleeper.child.kill('SIGTERM');
    sleeper.child.stdin?.write('\n');
    assert.equal((await sleeper.ended).exitCode, 5);
  });

  await context.test('Ctrl-C reaches the program once, and does not end the command', async () => {
    const loop =
      'trap "echo [int]" INT; echo ready; while :; do read x && test $x = end && exit 4; done';
    const words = [
      ...fairwayCommand,
      'run',
      '--service-account=default/robot',
      '--',
      'sh',
      '-c',
      loop,
    ];
    const line = `exec ${words.map((word) => `'${word}'`).join(' ')}`;
    await using terminal = startProgram(
      ['script', '--quiet', '--return', '--command', line, '/dev/null'],
      {
        environment: { KUBECONFIG: open.cluster.kubeconfig, SHELL: '/bin/sh' },
      },
    );
    await terminal.until('ready');
    terminal.child.stdin?.write('\x03\n');
    await terminal.until('[int]');
    terminal.child.stdin?.write('end\n');
    const { output, exitCode } = await terminal.ended;
    assert.equal(exitCode, 4);
    assert.equal(output.split('[int]').length - 1, 1, output);
  });

  await context.test('leaves nothing when it is killed, and ends the program', async () => {
    await using program = open.run(['sh', '-c', 'echo pid $$ end; exec sleep 1000']);
    const pid = Number(/pid (\d+) end/.exec(await program.until(' end'))?.[1]);
    assert.match(
      await readFile(`/proc/${pid}/mountinfo`, 'utf8'),
      /kubernetes\.io\/serviceaccount/,
    );
    program.child.kill('SIGKILL');
    await program.ended;
    // The output is closed when the last process that had it is gone.
    await assert.rejects(access(`/proc/${pid}/root`));
  });

  await context.test('runs as an ordinary user, who stays who they are', async (inner) => {
    if (process.getuid?.() !== 0) return inner.skip('only root becomes somebody else');
    const folder = await mkdtemp(join(tmpdir(), 'fairway-nobody-'));
    await copyFile(open.cluster.kubeconfig, join(folder, 'config'));
    await chmod(join(folder, 'config'), 0o644);
    await chmod(folder, 0o755);
    const nobody = ['runuser', '-u', 'nobody', '--'] as const;
    const canRun = await promisify(execFile)('runuser', [
      ...nobody.slice(1),
      ...fairwayCommand,
      '--version',
    ]).then(
      () => true,
      () => false,
    );
    if (!canRun) return inner.skip('this folder cannot be read by others');
    const script = `id -un; ${curl} | head -2; grep CapEff /proc/self/status; touch ${account}/x; cat "$0"`;
    const own = join(folder, 'config');
    await using program = startProgram(
      [
        ...nobody,
        ...fairwayCommand,
        'run',
        '--service-account=robot',
        '--',
        'sh',
        '-c',
        script,
        own,
      ],
      { environment: { KUBECONFIG: own }, workingDirectory: folder },
    );
    const { output, exitCode } = await program.ended;
    assert.match(output, /^nobody\n\{\n *"kind": "ConfigMapList"/);
    assert.match(output, /CapEff:\t0{16}\n/);
    assert.match(output, /Read-only file system/);
    assert.match(output, /current-context/);
    assert.equal(exitCode, 0);
    await rm(folder, { recursive: true });
  });

  assert.deepEqual(await leakedPrivateMounts(), []);
  assert.deepEqual(await readdir(open.temporary), []);
});

test(
  'where nothing can be mounted, fairway run names a folder',
  { skip: skipWithoutCurl },
  async () => {
    await using open = await openWithRobot();
    const { kubeconfig } = open.cluster;
    const privateFiles: PrivateFiles = {
      ...nodejsPrivateFiles,
      openMounts: async () => ({ kind: 'unavailable', cause: 'of this test' }),
    };
    const variables = { KUBECONFIG: kubeconfig, PATH: process.env['PATH'] ?? '' };
    const { run } = commandLine(open.directory, variables, { privateFiles });
    const request = curl.replaceAll(account, '$FAIRWAY_SERVICE_ACCOUNT_DIRECTORY');
    const script = `${request} >answer; cp $KUBECONFIG config; echo $FAIRWAY_SERVICE_ACCOUNT_DIRECTORY >place; exit 3`;
    const { err, exitCode } = await run('run', '--service-account=robot', '--', 'sh', '-c', script);
    assert.equal(exitCode, 3);
    assert.match(err, /nothing can be mounted for one program alone here \(of this test\)/);
    const read = (name: string): Promise<string> => readFile(join(open.directory, name), 'utf8');
    assert.match(await read('answer'), /"kind": "ConfigMapList"/);
    const place = (await read('place')).trim();
    assert.match(
      err,
      new RegExp(`files are in ${place}, which FAIRWAY_SERVICE_ACCOUNT_DIRECTORY names`),
    );
    const config = JSON.parse(await read('config')) as { users: unknown };
    assert.deepEqual(config.users, [
      { name: 'service-account', user: { tokenFile: join(place, 'token') } },
    ]);
    await assert.rejects(access(place));
  },
);

test(
  'a program in the cluster gets to an API that only a kubeconfig can describe',
  { skip },
  async () => {
    await using open = await openWithRobot();
    const variables = { KUBECONFIG: open.cluster.kubeconfig, PATH: process.env['PATH'] ?? '' };
    const { run } = commandLine(open.directory, variables);
    const script = `${curl} >answer; echo $KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT >road`;
    for (const flags of [
      ['--tls-server-name=kubernetes.default'],
      ['--insecure-skip-tls-verify', '--certificate-authority='],
    ]) {
      const words = ['--service-account=robot', ...flags, '--', 'sh', '-c', script];
      assert.deepEqual(await run('run', ...words), { out: '', err: '', exitCode: 0 });
      assert.match(
        await readFile(join(open.directory, 'answer'), 'utf8'),
        /"kind": "ConfigMapList"/,
      );
      const road = await readFile(join(open.directory, 'road'), 'utf8');
      assert.notEqual(road.trim(), new URL(open.cluster.url).host);
    }
  },
);

test('fairway run says what is wrong, and how to mend it', async () => {
  await using open = await openWithRobot();
  const cases: [readonly string[], RegExp, number][] = [
    [['--service-account=a/b/c', '--', 'true'], /names nothing; write NAMESPACE\/NAME/, 1],
    [['--', 'true'], /add --service-account NAMESPACE\/NAME/, 1],
    [['--service-account=robot'], /no program is named; write it after --/, 1],
    [['--service-account=robot', '--', 'no-such'], /no-such: command not found; install it/, 127],
    [['--service-account=robot', '--', '/etc/passwd'], /may not be executed; make it/, 126],
    [
      ['--service-account=default/ghost', '--', 'true'],
      /serviceaccounts "ghost" not found; create the account: kubectl create serviceaccount ghost --namespace default/,
      1,
    ],
    [
      ['--service-account=absent/ghost', '--', 'true'],
      /namespaces "absent" not found; create the namespace: kubectl create namespace absent/,
      1,
    ],
    [
      ['--as=somebody', '--service-account=robot', '--', 'true'],
      /User "somebody" cannot create resource "serviceaccounts\/token" .*; ask for the right to create tokens/,
      1,
    ],
    [['--server=http://127.0.0.1:1', '--service-account=robot', '--', 'true'], /without TLS/, 1],
  ];
  const { run } = commandLine(open.directory, {
    KUBECONFIG: open.cluster.kubeconfig,
    PATH: process.env['PATH'] ?? '',
  });
  for (const [words, message, code] of cases) {
    const { err, exitCode } = await run('run', ...words);
    assert.match(err, message);
    assert.equal(exitCode, code);
  }
});
