import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { type ConnectedClient, connect } from '@fairway/client/connect';
import type { Clock, ReceivedSignal, Signals } from '@fairway/host';
import { ServiceAccount } from '@fairway/kinds/core/v1';
import { ClusterRoleBinding } from '@fairway/kinds/rbac/v1';
import { sendHttp1 } from '@fairway/serving/testing';
import {
  type CommandLine,
  type RunningCommand,
  commandLine,
  scratchFolder,
} from './command-line.ts';

suite('fairway ambassador', () => {
  let folder: Awaited<ReturnType<typeof scratchFolder>>;
  let cluster: RunningCommand;
  let admin: ConnectedClient;
  let variables: Record<string, string>;
  const file = (name: string): string => join(folder.path, name);
  const account = (name: string): string => file(`account/${name}`);

  before(async () => {
    folder = await scratchFolder();
    cluster = commandLine(folder.path).start(
      ...'up --node none --memory --listen 127.0.0.1:0'.split(' '),
    );
    await cluster.until('Stop it with');
    admin = await connect({ kubeconfig: file('.fairway/kubeconfig') });
    await mkdir(file('account'));
    await writeFile(account('namespace'), 'default');
    const kubeconfig = await readFile(file('.fairway/kubeconfig'), 'utf8');
    const [, authority = ''] = /certificate-authority-data: (\S+)/.exec(kubeconfig) ?? [];
    await writeFile(account('ca.crt'), Buffer.from(authority, 'base64'));
    const { hostname, port } = new URL(admin.target.server);
    variables = {
      KUBERNETES_SERVICE_HOST: hostname,
      KUBERNETES_SERVICE_PORT: port,
      FAIRWAY_SERVICE_ACCOUNT_DIRECTORY: file('account'),
    };
    for (const name of ['first', 'second']) {
      await admin.create(ServiceAccount, { metadata: { name, namespace: 'default' } });
    }
    await admin.create(ClusterRoleBinding, {
      metadata: { name: 'edit' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'edit' },
      subjects: [{ kind: 'ServiceAccount', name: 'first', namespace: 'default' }],
    });
  });
  after(async () => {
    await admin.close();
    cluster.interrupt();
    await cluster.ended;
    await folder[Symbol.asyncDispose]();
  });

  /** What a kubelet does when it renews the token of a pod. */
  async function rotateToken(name: string): Promise<void> {
    const kubeconfig = file('.fairway/kubeconfig');
    const { out } = await commandLine(folder.path).run(
      'create',
      'token',
      name,
      '--kubeconfig',
      kubeconfig,
    );
    await writeFile(account('token'), out);
  }

  async function started(shell: CommandLine, ...flags: readonly string[]) {
    const command = shell.start('ambassador', '--port=0', '--health-address=127.0.0.1:0', ...flags);
    const { err } = await command.until('Health and metrics on');
    const { out } = await command.until('Starting to serve on');
    return {
      command,
      url: `http://${/127\.0\.0\.1:\d+/.exec(out)?.[0] ?? assert.fail(out)}`,
      health: /Health and metrics on (\S+)/.exec(err)?.[1] ?? assert.fail(err),
      [Symbol.asyncDispose]: () => command[Symbol.asyncDispose](),
    };
  }

  const shellOf = (parts?: Parameters<typeof commandLine>[2]): CommandLine =>
    commandLine(folder.path, variables, parts);

  async function whoAmI(url: string): Promise<string> {
    const { text } = await sendHttp1(`${url}/apis/authentication.k8s.io/v1/selfsubjectreviews`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }),
    });
    return /"username":"([^"]*)"/.exec(text)?.[1] ?? text;
  }

  test('asks as the account of its pod, whatever a kubeconfig says, and answers probes', async () => {
    await rotateToken('first');
    const shell = commandLine(folder.path, {
      ...variables,
      KUBECONFIG: file('.fairway/kubeconfig'),
    });
    await using sidecar = await started(shell);
    assert.equal(await whoAmI(sidecar.url), 'system:serviceaccount:default:first');
    assert.equal((await sendHttp1(`${sidecar.health}readyz`)).text, 'ok');
    const hosted = await sendHttp1(`${sidecar.url}/`, {
      headers: { host: 'web.default.svc.localhost' },
    });
    assert.equal(hosted.status, 403);
    sidecar.command.interrupt();
    assert.equal((await sidecar.command.ended).exitCode, 0);
  });

  test('reads the token again: a minute later, and at once after a 401', async () => {
    await rotateToken('first');
    const { host } = shellOf();
    let laterMs = 0;
    const clock: Clock = {
      now: () => host.clock.now() + laterMs,
      elapsed: () => host.clock.elapsed() + laterMs,
      schedule: (...timer) => host.clock.schedule(...timer),
    };
    await using sidecar = await started(shellOf({ host: { ...host, clock } }));
    assert.equal(await whoAmI(sidecar.url), 'system:serviceaccount:default:first');
    await rotateToken('second');
    assert.equal(await whoAmI(sidecar.url), 'system:serviceaccount:default:first');
    laterMs = 50_000;
    assert.equal(await whoAmI(sidecar.url), 'system:serviceaccount:default:second');
    await admin.delete(ServiceAccount, 'second', { namespace: 'default' });
    assert.match(await whoAmI(sidecar.url), /"reason":"Unauthorized"/);
    await rotateToken('first');
    assert.equal(await whoAmI(sidecar.url), 'system:serviceaccount:default:first');
  });

  test('fences hold, also those of a file that is read again', async () => {
    await rotateToken('first');
    let sendSignal = (_: ReceivedSignal['name']): void => {};
    const signals: Signals = {
      isTaken: true,
      take(onSignal) {
        sendSignal = (name) => onSignal({ name, isFromTerminal: false });
        return { [Symbol.dispose]: () => {} };
      },
    };
    await writeFile(file('flags.yaml'), 'read-only: true\n');
    // What a pod has lying about for others is nothing to it.
    await writeFile(file('malformed'), '{');
    const shell = commandLine(
      folder.path,
      { ...variables, KUBECONFIG: file('malformed') },
      { signals },
    );
    await using sidecar = await started(
      shell,
      `--config=${file('flags.yaml')}`,
      '--namespace-fence=default',
    );
    const statusOf = async (path: string, method = 'GET'): Promise<number> =>
      (await sendHttp1(`${sidecar.url}${path}`, { method })).status;
    const absent = '/api/v1/namespaces/default/configmaps/absent';
    assert.deepEqual([await statusOf(absent), await statusOf(absent, 'DELETE')], [404, 403]);
    await writeFile(file('flags.yaml'), 'read-only: false\n');
    sendSignal('SIGHUP');
    await sidecar.command.until('were read again');
    assert.equal(await statusOf(absent, 'DELETE'), 404);
    assert.equal(await statusOf('/api/v1/namespaces/kube-system/configmaps'), 403);
    assert.equal(await whoAmI(sidecar.url), 'system:serviceaccount:default:first');
  });

  test('leads to services by hosts of their own when it is asked to', async () => {
    await rotateToken('first');
    await using sidecar = await started(shellOf(), '--service-hosts');
    const { status, text } = await sendHttp1(`${sidecar.url}/`, {
      headers: { host: 'absent.default.svc.localhost' },
    });
    assert.equal(status, 404, text);
  });

  test('says what is missing where it is no pod', async () => {
    await rm(account('token'), { force: true });
    const { KUBERNETES_SERVICE_PORT: _, ...withoutPort } = variables;
    for (const [pod, message] of [
      [
        { KUBECONFIG: file('.fairway/kubeconfig') },
        /KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set, as in every pod; outside of one use `fairway proxy`/,
      ],
      [withoutPort, /: KUBERNETES_SERVICE_PORT is not set, as in every pod/],
      [
        variables,
        /cannot read the token file \S+\/token: no such file; does the pod, or its service account, say automountServiceAccountToken: false\?/,
      ],
    ] as const) {
      const { err, exitCode } = await commandLine(folder.path, pod).run('ambassador', '--port=0');
      assert.match(err, message);
      assert.deepEqual([exitCode, err.trimEnd().split('\n').length], [1, 1], err);
    }
  });

  test('takes no flags that name another cluster', async () => {
    const before = await shellOf().run('--context', 'other', 'ambassador');
    assert.match(before.err, /cannot use flags that name a cluster or a user with ambassador/);
    const behind = await shellOf().run('ambassador', '--kubeconfig', 'other');
    assert.match(behind.err, /unknown option '--kubeconfig'/);
    assert.deepEqual([before.exitCode, behind.exitCode], [1, 1]);
  });
});
