import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { Deployment } from '@fairway/kinds/apps/v1';
import { ConfigMap, Pod } from '@fairway/kinds/core/v1';
import { skipWithoutContainerd, until } from '@fairway/node-agent/testing';
import { skipWithoutKubectl } from './installed-kubectls.ts';
import { finished, forwardedPort } from './kubectl-process.ts';
import { processesOfPod } from './machine-traces.ts';
import { programsReachApi } from './pods-reach-api.ts';
import { type RealCluster, openRealCluster } from './real-cluster.ts';
import { countRoads } from './service-roads.ts';

const skip = (await skipWithoutContainerd()) || (await skipWithoutKubectl(30));

/** Who has written nothing for so long waits for a reader. */
const stalledMs = 1_000;

const commandOf = (pid: number): Promise<string> =>
  readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');

const accountFiles = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Says at once that it has begun, repeats what it is told, and serves on a port. */
const program = `
trap 'exit 0' TERM
while true; do printf served | nc -l -p 8080; done &
echo begun
while read line; do echo "got $line"; done
`;

/** A deployment of one pod that has a config map and its own labels as files. */
async function deploy({ admin, output }: RealCluster): Promise<string> {
  const namespace = 'default';
  await admin.create(ConfigMap, {
    metadata: { name: 'colors', namespace },
    data: { color: 'red' },
  });
  await admin.create(Deployment, {
    metadata: { name: 'web', namespace },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: {
          terminationGracePeriodSeconds: 1,
          containers: [
            {
              name: 'main',
              image: 'busybox',
              command: ['sh', '-c', program],
              stdin: true,
              volumeMounts: [
                { name: 'settings', mountPath: '/settings' },
                { name: 'about', mountPath: '/about' },
              ],
            },
          ],
          volumes: [
            { name: 'settings', configMap: { name: 'colors' } },
            {
              name: 'about',
              downwardAPI: {
                items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }],
              },
            },
          ],
        },
      },
    },
  });
  assert.match(await output('rollout', 'status', 'deployment/web'), /successfully rolled out\n$/);
  const [pod] = await admin
    .list(Pod, { namespace, labelSelector: 'app=web' })
    .all()
    .then(({ items }) => items);
  return pod?.metadata?.name ?? '';
}

test('programs in real pods of `fairway up --node containerd`', { skip }, async (t) => {
  await using cluster = await openRealCluster();
  const { output, kubectl } = cluster;
  const pod = await deploy(cluster);
  const shell = (script: string): Promise<string> =>
    output('exec', pod, '--container=main', '--', 'sh', '-c', script);

  await t.test('find the API in their variables, and its three files', async () => {
    const variables = await output('exec', 'deployment/web', '--', 'env');
    const host = cluster.addresses.services.replace('.0/24', '.1');
    assert.match(variables, new RegExp(`^KUBERNETES_SERVICE_HOST=${host}$`, 'm'));
    assert.match(variables, /^KUBERNETES_SERVICE_PORT=443$/m);
    assert.match(variables, new RegExp(`^HOSTNAME=${pod}$`, 'm'));
    const listed = await shell(`ls -l ${accountFiles}`);
    for (const name of ['ca.crt', 'namespace', 'token']) {
      assert.match(listed, new RegExp(` ${name} -> ..data/${name}$`, 'm'));
    }
    const authority = await readFile(join(cluster.directory, '.fairway', 'pki', 'ca.crt'), 'utf8');
    assert.equal(await shell(`cat ${accountFiles}/ca.crt`), authority);
    assert.equal(await shell(`cat ${accountFiles}/namespace`), 'default');
    const token = await shell(`cat ${accountFiles}/token`);
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    assert.equal(claims.sub, 'system:serviceaccount:default:default');
    assert.equal(claims['kubernetes.io'].pod.name, pod);
  });

  await t.test('see labels and config maps change in their files', async () => {
    assert.match(await shell('cat /about/labels'), /^app="web"\n/);
    assert.equal(await shell('cat /settings/color'), 'red');
    await output('label', 'pod', pod, 'tier=front');
    await output('patch', 'configmap', 'colors', '-p', '{"data":{"color":"blue"}}');
    await until('both have changed', async () => {
      const [labels, color] = await Promise.all([
        shell('cat /about/labels'),
        shell('cat /settings/color'),
      ]);
      return (labels.includes('\ntier="front"') && color === 'blue') || undefined;
    });
  });

  await t.test('are told of by logs, followed to their end', async () => {
    const script = 'for i in 1 2 3; do echo line $i; sleep 0.2; done; sleep 1; echo over';
    const run = ['run', 'short', '--image=busybox', '--restart=Never'];
    const made = await output(...run, '--', 'sh', '-c', script);
    assert.equal(made, 'pod/short created\n');
    await output('wait', 'pod/short', '--for=jsonpath={.status.phase}=Running');
    assert.equal(await output('logs', '-f', 'short'), 'line 1\nline 2\nline 3\nover\n');
    assert.equal(await output('logs', 'short', '--tail=1'), 'over\n');
  });

  await t.test('run commands with input, errors, exit codes, and a terminal', async () => {
    const running = kubectl('exec', '-i', pod, '--', 'sh', '-c', 'cat; echo no >&2; exit 7');
    running.stdin?.end('hello');
    const [out, err, code] = await finished(running);
    assert.deepEqual([out, err.split('\n')[0], code], ['hello', 'no', 7]);
    assert.match(await output('exec', pod, '--', 'no-such'), /^\d+: [^]*no-such/);
    const line = `kubectl --kubeconfig ${cluster.kubeconfig} exec -it ${pod} -- sh -c 'tty; exit 3'`;
    const [screen, , exit] = await finished(spawn('script', ['-qec', line, '/dev/null']));
    assert.match(screen, /^\/dev\/pts\/\d+\r\n/);
    assert.equal(exit, 3);
  });

  await t.test('are reached by attach, cp and port-forward', async () => {
    const attached = kubectl('attach', '-i', pod);
    const heard = new Promise((resolve) => {
      attached.stdout?.on('data', (bytes) => {
        if (String(bytes).includes('got over')) resolve(undefined);
      });
    });
    attached.stdin?.write('over\n');
    await heard;
    attached.kill();
    const [from, to] = [join(cluster.directory, 'from'), join(cluster.directory, 'to')];
    await writeFile(from, 'x'.repeat(200_000));
    assert.equal(await output('cp', from, `${pod}:/tmp/copied`), '');
    assert.doesNotMatch(await output('cp', `${pod}:/tmp/copied`, to), /^\d/);
    assert.equal((await readFile(to, 'utf8')).length, 200_000);
    const forwarding = kubectl('port-forward', 'deployment/web', ':8080');
    try {
      const socket = connect(await forwardedPort(forwarding), '127.0.0.1');
      assert.equal(await text(socket), 'served');
    } finally {
      forwarding.kill();
    }
  });

  await t.test('cannot flood those between them and a caller who does not read', async () => {
    const { metadata } = await cluster.admin.get(Pod, pod, { namespace: 'default' });
    const flooding = kubectl('exec', pod, '--', 'yes');
    const pid = await until('it runs', async () => {
      const pids = await processesOfPod(metadata?.uid ?? '');
      const names = await Promise.all(pids.map(commandOf));
      return pids[names.indexOf('yes\0')];
    });
    let [writtenBytes, sinceMs] = [0, performance.now()];
    await until('it can write no more', async () => {
      const [, text = ''] = /^wchar: (\d+)/m.exec(await readFile(`/proc/${pid}/io`, 'utf8')) ?? [];
      if (Number(text) !== writtenBytes) sinceMs = performance.now();
      writtenBytes = Number(text);
      return writtenBytes > 0 && performance.now() - sinceMs > stalledMs ? true : undefined;
    });
    assert.ok(writtenBytes < 64 * 1024 * 1024, `${writtenBytes} bytes lie between them`);
    flooding.kill();
    process.kill(pid, 'SIGKILL');
  });

  await t.test('can be looked at from beside them, and run for a moment', async () => {
    const beside = ['debug', pod, '--image=busybox', '--target=main', '--profile=general'];
    const debug = kubectl(...beside, '--quiet', '-i', '--', 'sh');
    debug.stdin?.end('ps\nexit\n');
    const [seen] = await finished(debug);
    assert.match(seen, /^ +1 root +sh -c .trap/m, 'it shares the processes of its target');
    const once = ['run', 'once', '-i', '--rm', '--quiet', '--image=busybox', '--restart=Never'];
    assert.match(await output(...once, '--', 'echo', 'hello'), /^hello\n/);
    assert.match(await output('get', 'pod', 'once'), /NotFound/);
  });

  await t.test('are measured', async () => {
    assert.match(await output('top', 'pod', pod), new RegExp(`^${pod} +\\d+m +\\d+[KM]i`, 'm'));
    assert.match(await output('top', 'node'), /^n1 +\d+m +\d+% +\d+Mi +\d+%/m);
  });

  await t.test('get of the API what their account may', (each) => programsReachApi(each, cluster));

  await t.test('reach each other by every road', (each) => countRoads(each, cluster, pod));

  await t.test('and of none of this is there an error to tell of', async () => {
    assert.doesNotMatch(await cluster.log(), / error /);
  });

  await t.test('go on without the cluster, which takes them up again', async () => {
    const { containerStatuses: before } =
      (await cluster.admin.get(Pod, pod, { namespace: 'default' })).status ?? {};
    assert.equal(await shell('echo kept > /tmp/mark; echo done'), 'done\n');
    const port = async (): Promise<string> =>
      output('get', 'node', 'n1', '-o', 'jsonpath={.status.daemonEndpoints.kubeletEndpoint.Port}');
    const portBefore = await port();
    await cluster.killAndRestart();
    assert.equal(await port(), portBefore, 'nobody has to hear of another one first');
    assert.equal(await shell('cat /tmp/mark'), 'kept\n');
    const { containerStatuses: after } =
      (await cluster.admin.get(Pod, pod, { namespace: 'default' })).status ?? {};
    assert.deepEqual(after, before);
  });

  await t.test(
    'leave nothing on the machine after `fairway down`, also of a cluster that was killed',
    async () => {
      const before = await cluster.traces();
      for (const [what, found] of Object.entries(before)) assert.notDeepEqual(found, [], what);
      await cluster.kill();
      await cluster.fairway('down');
      const none = Object.fromEntries(Object.keys(before).map((what) => [what, []]));
      assert.deepEqual(await cluster.traces(), none);
    },
  );
});
