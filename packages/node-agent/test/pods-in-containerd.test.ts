import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { ConfigMap, Event, Namespace, Pod, ServiceAccount } from '@fairway/kinds/core/v1';
import { skipWithoutContainerd } from '@fairway/node-agent/testing';
import { until } from '../src/testing/runtime-fixture.ts';
import { ContainerNode } from './container-node.ts';

let node: ContainerNode;

/** The pod once something holds of it. */
function podWhen(name: string, isSo: (pod: Pod) => boolean): Promise<Pod> {
  return until(`pod ${name} is so`, async () => {
    const pod = await node.client.find(Pod, name);
    return pod !== undefined && isSo(pod) ? pod : undefined;
  });
}

const isReady = ({ status }: Pod): boolean =>
  status?.conditions?.some((each) => each.type === 'Ready' && each.status === 'True') === true;

/** Deletes a pod and waits until it is gone. */
async function end(name: string): Promise<void> {
  await node.client.delete(Pod, name);
  await until(`pod ${name} is gone`, async () =>
    (await node.client.find(Pod, name)) === undefined ? true : undefined,
  );
}

describe('pods in containerd', { skip: await skipWithoutContainerd() }, () => {
  before(async () => void (node = await ContainerNode.open()));
  after(async () => await node[Symbol.asyncDispose]());

  test('a pod finds what its init container and a config map have left, and leaves nothing', async () => {
    await node.client.create(ConfigMap, {
      metadata: { name: 'settings', namespace: 'default' },
      data: { colour: 'blue' },
    });
    const mounts = [
      { name: 'shared', mountPath: '/shared' },
      { name: 'settings', mountPath: '/settings' },
    ];
    await node.create('web', {
      terminationGracePeriodSeconds: 1,
      initContainers: [
        { ...node.shell('echo from-init > /shared/note', 'init'), volumeMounts: mounts },
      ],
      containers: [
        {
          ...node.shell(
            'cat /shared/note /settings/colour; hostname; trap "exit 0" TERM; sleep 600 & wait',
          ),
          volumeMounts: mounts,
        },
      ],
      volumes: [
        { name: 'shared', emptyDir: {} },
        { name: 'settings', configMap: { name: 'settings' } },
      ],
    });
    const pod = await podWhen('web', isReady);
    const { uid = '' } = pod.metadata ?? {};
    const log = `${node.logDirectory}/default_web_${uid}/app/0.log`;
    const lines = await until('the container has written', async () => {
      const text = await readFile(log, 'utf8');
      return text.includes('web\n') ? text : undefined;
    });
    assert.match(lines, /stdout F from-init\n.*stdout . ?.*blue.*web\n/s);
    assert.match(pod.status?.podIP ?? '', /^10\./);
    assert.match(
      pod.status?.containerStatuses?.[0]?.containerID ?? '',
      /^containerd:\/\/[0-9a-f]{64}$/,
    );
    await end('web');
    assert.deepEqual(await node.containerd.runtime.listPods(), []);
    assert.deepEqual(await readdir(node.podsDirectory), []);
    assert.deepEqual(await readdir(node.logDirectory), []);
  });

  test('a pod whose emptyDir has outgrown its limit is evicted, and its files go', async () => {
    const volumeMounts = [{ name: 'scratch', mountPath: '/scratch' }];
    await node.create('large', {
      containers: [
        { ...node.shell('head -c 3000000 /dev/zero >/scratch/file; sleep 600'), volumeMounts },
      ],
      volumes: [{ name: 'scratch', emptyDir: { sizeLimit: '1Mi' } }],
    });
    await podWhen('large', isReady);
    const evicted = await until('the pod is evicted', async () => {
      await node.evict();
      const pod = await node.client.find(Pod, 'large');
      return pod?.status?.phase === 'Failed' ? pod : undefined;
    });
    assert.equal(evicted.status?.reason, 'Evicted');
    const message = 'Usage of EmptyDir volume "scratch" exceeds the limit "1Mi". ';
    assert.equal(evicted.status?.message, message);
    assert.ok((await node.events('large')).includes(`Evicted: ${message}`));
    await until('its files are gone', async () =>
      (await readdir(node.podsDirectory)).length === 0 ? true : undefined,
    );
    await end('large');
  });

  test('a pod of any namespace finds the API, and what it is told of follows what changes', async () => {
    const namespace = 'shop';
    const where = { namespace };
    await node.client.create(Namespace, { metadata: { name: namespace } });
    await node.client.create(ServiceAccount, { metadata: { name: 'default', namespace } });
    const metadata = { name: 'settings', namespace };
    await node.client.create(ConfigMap, { metadata, data: { colour: 'blue' } });
    const mounts = [{ name: 'told', mountPath: '/told' }];
    const written = [{ name: 'written', mountPath: '/written' }];
    const fileKeyRef = { volumeName: 'written', path: 'env', key: 'SIZE' };
    const labels = { fieldRef: { fieldPath: 'metadata.labels' }, path: 'labels' };
    await node.client.create(Pod, {
      metadata: { name: 'told', namespace, labels: { app: 'one' } },
      spec: {
        nodeName: 'n1',
        serviceAccountName: 'default',
        terminationGracePeriodSeconds: 0,
        enableServiceLinks: false,
        dnsConfig: { nameservers: ['192.0.2.1', '192.0.2.2', '192.0.2.3'] },
        initContainers: [
          { ...node.shell(`echo "SIZE='large'" > /written/env`, 'init'), volumeMounts: written },
        ],
        containers: [
          {
            ...node.shell('sleep 600'),
            volumeMounts: mounts,
            env: [{ name: 'SIZE', valueFrom: { fileKeyRef } }],
          },
        ],
        volumes: [
          { name: 'written', emptyDir: {} },
          {
            name: 'told',
            projected: {
              sources: [
                { serviceAccountToken: { path: 'token' } },
                { configMap: { name: 'settings' } },
                { downwardAPI: { items: [labels] } },
              ],
            },
          },
        ],
      },
    });
    const pod = await until('the pod is ready', async () => {
      const found = await node.client.find(Pod, 'told', where);
      return found !== undefined && isReady(found) ? found : undefined;
    });
    const id = pod.status?.containerStatuses?.[0]?.containerID?.replace('containerd://', '') ?? '';
    const run = async (...command: readonly string[]): Promise<string> => {
      const bounds = { timeoutMs: 10_000, outputBytesMax: 10_000 };
      const { stdout } = await node.containerd.runtime.execToEnd(id, command, bounds);
      return Buffer.from(stdout).toString();
    };
    const environment = await run('env');
    assert.match(environment, /^KUBERNETES_SERVICE_HOST=10\./m);
    assert.match(environment, /^SIZE=large$/m);
    const claims = (await run('cat', '/told/token')).split('.')[1] ?? '';
    assert.match(Buffer.from(claims, 'base64url').toString(), /"pod":\{"name":"told"/);
    const untilTold = (file: string, text: string): Promise<true> =>
      until(`${file} says ${text}`, async () =>
        (await run('cat', `/told/${file}`)) === text ? true : undefined,
      );
    await untilTold('labels', 'app="one"');
    const merge = { metadata: { labels: { app: 'two' } } };
    await node.client.patch(Pod, 'told', { merge }, where);
    await untilTold('labels', 'app="two"');
    await node.client.patch(ConfigMap, 'settings', { merge: { data: { colour: 'red' } } }, where);
    await untilTold('colour', 'red');
    const { items } = await node.client.list(Event, where).all();
    assert.ok(items.some(({ reason }) => reason === 'DNSConfigForming'));
    await node.client.delete(Pod, 'told', where);
    // Without a time to end in it is gone from the API at once, and from here afterwards.
    await until('nothing is left of the pod', async () =>
      (await readdir(node.podsDirectory)).length === 0 ? true : undefined,
    );
  });

  test('what fails says why, and is started again', async () => {
    await node.create('bad', {
      terminationGracePeriodSeconds: 1,
      containers: [
        node.shell('echo last words > /dev/termination-log; exit 3'),
        { ...node.shell('', 'nothing'), command: ['/no/such/program'] },
        {
          ...node.shell('echo from the log; exit 4', 'logged'),
          terminationMessagePolicy: 'FallbackToLogsOnError',
        },
        {
          ...node.shell('tail /dev/zero', 'greedy'),
          resources: { limits: { memory: '16Mi' } },
        },
      ],
    });
    const pod = await podWhen(
      'bad',
      ({ status }) =>
        (status?.containerStatuses ?? []).length === 4 &&
        status?.containerStatuses?.every(
          ({ lastState, state }) =>
            lastState?.terminated !== undefined && state?.waiting?.reason === 'CrashLoopBackOff',
        ) === true,
    );
    const ends = pod.status?.containerStatuses?.map(({ lastState }) => lastState?.terminated);
    assert.deepEqual(
      ends?.map((each) => [each?.exitCode, each?.reason]),
      [
        [3, 'Error'],
        [128, 'StartError'],
        [4, 'Error'],
        [137, 'OOMKilled'],
      ],
    );
    assert.equal(ends?.[0]?.message, 'last words\n');
    assert.match(ends?.[1]?.message ?? '', /\/no\/such\/program/);
    assert.equal(ends?.[2]?.message, 'from the log\n');
    await end('bad');
  });

  test('probes ask containers by command, HTTP and TCP', async () => {
    const httpd = 'mkdir /www; echo yes > /www/ready; httpd -f -p 8080 -h /www';
    await node.create('served', {
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          ...node.shell(httpd),
          ports: [{ name: 'web', containerPort: 8080 }],
          startupProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1, failureThreshold: 30 },
          readinessProbe: {
            httpGet: { path: '/ready', port: 'web' },
            periodSeconds: 1,
            failureThreshold: 1,
          },
          livenessProbe: {
            exec: { command: ['test', '-e', '/www'] },
            periodSeconds: 1,
            failureThreshold: 1,
          },
        },
      ],
    });
    const pod = await podWhen('served', isReady);
    const { runtime } = node.containerd;
    const id = pod.status?.containerStatuses?.[0]?.containerID?.replace('containerd://', '') ?? '';
    const bounds = { timeoutMs: 5_000, outputBytesMax: 1_000 };
    await runtime.execToEnd(id, ['rm', '/www/ready'], bounds);
    await podWhen('served', (each) => !isReady(each));
    await runtime.execToEnd(id, ['rm', '-r', '/www'], bounds);
    await podWhen('served', (each) => each.status?.containerStatuses?.[0]?.restartCount === 1);
    const said = await until('it was said', async () => {
      const events = await node.events('served');
      return events.some((each) => each.startsWith('Killing')) ? events : undefined;
    });
    assert.ok(
      said.includes('Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 404'),
      said.join('; '),
    );
    assert.ok(said.includes('Killing: Container app failed liveness probe, will be restarted'));
    await end('served');
  });

  test('an agent that begins anew, and a containerd, lose nothing that runs', async () => {
    await node.create('kept', {
      terminationGracePeriodSeconds: 1,
      containers: [node.shell('trap "exit 0" TERM; sleep 600 & wait')],
    });
    await node.create('left', {
      terminationGracePeriodSeconds: 1,
      containers: [node.shell('trap "exit 0" TERM; sleep 600 & wait')],
    });
    const before = await podWhen('kept', isReady);
    await podWhen('left', isReady);
    await node.stop();
    await node.client.delete(Pod, 'left', { gracePeriodSeconds: 0 });
    await node.begin();
    await until('what nobody wants is gone', async () => {
      const pods = await node.containerd.runtime.listPods();
      return pods.length === 1 ? true : undefined;
    });
    const now = await podWhen('kept', isReady);
    assert.deepEqual(now.status?.containerStatuses, before.status?.containerStatuses);
    await end('kept');
    assert.deepEqual(await readdir(node.podsDirectory), []);
  });
});
