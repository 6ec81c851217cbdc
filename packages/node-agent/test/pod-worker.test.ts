import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pod } from '@fairway/kinds/core/v1';
import { WorkedNode } from './worked-node.ts';

test('a pod runs, says so once, and ends when it is deleted', async () => {
  await using node = await WorkedNode.open();
  await node.create('web');
  assert.equal(await node.state('web'), 'Running app:running(ready)');
  const pod = await node.pod('web');
  assert.deepEqual(pod?.status?.podIPs, [{ ip: '10.0.0.1' }]);
  assert.equal(pod?.status?.hostIP, '192.0.2.7');
  assert.match(pod?.status?.containerStatuses?.[0]?.containerID ?? '', /^containerd:\/\/c2$/);
  assert.deepEqual(await node.events('web'), [
    'Created: Container created',
    'Started: Container started',
  ]);
  await node.client.delete(Pod, 'web');
  assert.equal(await node.state('web'), 'gone');
  assert.ok(node.runtime.isEmpty);
  assert.deepEqual([...node.mounted], []);
  assert.deepEqual(node.runtime.calls, [
    'start sandbox web/0',
    'start app/0',
    'stop app in 30000',
    'stop sandbox s1',
    'remove sandbox s1',
  ]);
  assert.deepEqual(node.warnings, []);
});

test('a pod that has to leave ends within a second, and says why', async () => {
  await using node = await WorkedNode.open();
  const { metadata } = await node.create('web');
  await node.state('web');
  const message = 'The node was low on resource: memory. ';
  const reason = 'TerminationByKubelet';
  const condition = { type: 'DisruptionTarget', status: 'True', reason, message };
  node.pressure.evict(metadata?.uid ?? '', { message, condition });
  assert.equal(await node.state('web'), 'Failed Evicted app:exited(0)');
  const { status } = (await node.pod('web')) ?? {};
  assert.equal(status?.message, message);
  const said = status?.conditions?.find(({ type }) => type === 'DisruptionTarget');
  assert.deepEqual([said?.status, said?.reason, said?.message], ['True', reason, message]);
  const events = await node.events('web');
  assert.equal(events.filter((each) => each === `Evicted: ${message}`).length, 1);
  assert.ok(node.runtime.calls.includes('stop app in 2000'), node.runtime.calls.join());
  await node.client.delete(Pod, 'web');
  assert.equal(await node.state('web'), 'gone');
  assert.equal(node.pressure.evictionOf(metadata?.uid ?? ''), undefined);
});

test('a node under pressure takes no pod that may be the next to leave', async () => {
  await using node = await WorkedNode.open();
  node.pressure.conditions = ['MemoryPressure'];
  await node.create('best-effort');
  assert.equal(await node.state('best-effort'), 'Failed Evicted app:none');
  const message = 'Pod was rejected: The node had condition: [MemoryPressure]. ';
  assert.equal((await node.pod('best-effort'))?.status?.message, message);
  const resources = { requests: { memory: '1Mi' } };
  await node.create('asking', { containers: [{ name: 'app', image: 'web:1', resources }] });
  assert.equal(await node.state('asking'), 'Running app:running(ready)');
  node.pressure.conditions = ['MemoryPressure', 'DiskPressure'];
  await node.create('late', { containers: [{ name: 'app', image: 'web:1', resources }] });
  const late = 'Pod was rejected: The node had condition: [MemoryPressure DiskPressure]. ';
  assert.equal((await node.pod('late'))?.status?.message, late);
});

test('no container is made before the network of its pod is as policies want it', async () => {
  await using node = await WorkedNode.open();
  const asked: string[] = [];
  let refuse: Error | undefined = new Error('the rules do not know the pod');
  node.untilIsolated = async ({ metadata }, addresses) => {
    asked.push(`${metadata?.name} ${addresses.join()}`);
    if (refuse !== undefined) throw refuse;
  };
  await node.create('web');
  assert.equal(await node.state('web'), 'Pending app:CreateContainerError');
  assert.deepEqual([asked[0], node.runtime.runs('app')], ['web 10.0.0.1', []]);
  const [status] = (await node.pod('web'))?.status?.containerStatuses ?? [];
  assert.equal(status?.state?.waiting?.message, 'the rules do not know the pod');
  refuse = undefined;
  await node.clock.advance(60_000);
  assert.equal(await node.state('web'), 'Running app:running(ready)');
});

test('a status is written once it is settled', async () => {
  await using node = await WorkedNode.open();
  const { metadata } = await node.create('web');
  await node.state('web');
  const pod = await node.pod('web');
  const [made, now] = [metadata?.resourceVersion, pod?.metadata?.resourceVersion].map(Number);
  // One event of each step besides.
  assert.ok((now ?? 0) - (made ?? 0) <= 3, `from ${made} to ${now}`);
  assert.deepEqual(pod?.status?.conditions?.map(({ type, status }) => `${type} ${status}`).sort(), [
    'ContainersReady True',
    'Initialized True',
    'PodReadyToStartContainers True',
    'Ready True',
  ]);
});

test('what ends is started again: at once, then after pauses that grow', async () => {
  await using node = await WorkedNode.open();
  node.runtime.script('app', { exitCode: 1, exitAfterMs: 1_000 });
  await node.create('web');
  await node.clock.advance(1_000);
  // The second run began at once, and ends after another second.
  assert.equal(node.runtime.runs('app')[0]?.attempt, 1);
  await node.clock.advance(1_000);
  assert.equal(await node.state('web'), 'Running app:CrashLoopBackOff');
  const status = (await node.pod('web'))?.status?.containerStatuses?.[0];
  assert.equal(status?.restartCount, 1);
  assert.equal(status?.lastState?.terminated?.exitCode, 1);
  assert.match(
    status?.state?.waiting?.message ?? '',
    /^back-off 10s restarting failed container=app pod=web_default\(/,
  );
  await node.clock.advance(9_000);
  assert.equal(node.runtime.runs('app')[0]?.attempt, 1);
  await node.clock.advance(1_000);
  assert.equal(node.runtime.runs('app')[0]?.attempt, 2);
  await node.clock.advance(20_000);
  assert.equal(node.runtime.runs('app')[0]?.attempt, 2);
  await node.clock.advance(1_000);
  assert.equal(node.runtime.runs('app')[0]?.attempt, 3);
  // The last run that has ended is kept for its log, those before are not.
  assert.deepEqual(
    node.runtime.runs('app').map(({ attempt }) => attempt),
    [3, 2],
  );
  const said = await node.events('web');
  assert.equal(said.filter((each) => each.startsWith('BackOff: Back-off restarting')).length, 1);
});

test('init containers run one after the other, sidecars beside what follows them', async () => {
  await using node = await WorkedNode.open();
  node.runtime.script('first', { exitCode: 0, exitAfterMs: 1_000 });
  node.runtime.script('last', { exitCode: 0, exitAfterMs: 1_000 });
  await node.create('web', {
    initContainers: [
      { name: 'first', image: 'x' },
      { name: 'proxy', image: 'x', restartPolicy: 'Always' },
      { name: 'last', image: 'x' },
    ],
    containers: [
      { name: 'app', image: 'x' },
      { name: 'other', image: 'x' },
    ],
  });
  await node.clock.advance(600);
  const before =
    'proxy:PodInitializing last:PodInitializing app:PodInitializing other:PodInitializing';
  assert.equal(await node.state('web'), `Pending first:running ${before}`);
  await node.clock.advance(1_000);
  const begun = 'first:exited(0) proxy:running(ready) last:running';
  assert.equal(
    await node.state('web'),
    `Pending ${begun} app:PodInitializing other:PodInitializing`,
  );
  await node.clock.advance(1_000);
  const running = 'proxy:running(ready) last:exited(0) app:running(ready) other:running(ready)';
  assert.equal(await node.state('web'), `Running first:exited(0) ${running}`);
  assert.deepEqual(node.runtime.calls.filter((each) => each.startsWith('start ')).slice(1), [
    'start first/0',
    'start proxy/0',
    'start last/0',
    'start app/0',
    'start other/0',
  ]);
});

test('sidecars end after those whom they serve, the last one first', async () => {
  await using node = await WorkedNode.open();
  const sidecar = { image: 'x', restartPolicy: 'Always' } as const;
  await node.create('web', {
    initContainers: [
      { ...sidecar, name: 'one' },
      { ...sidecar, name: 'two' },
    ],
    containers: [{ name: 'app', image: 'x' }],
    restartPolicy: 'Never',
  });
  node.runtime.exit('app', 0);
  assert.equal(await node.state('web'), 'Succeeded one:exited(0) two:exited(0) app:exited(0)');
  assert.deepEqual(node.runtime.calls.slice(4), [
    'stop two in 30000',
    'stop one in 30000',
    'stop sandbox s1',
  ]);
  assert.deepEqual([...node.mounted], []);
});

test('a pod is over when all of it has ended, and failed when a part of it has', async () => {
  await using node = await WorkedNode.open();
  const containers = [
    { name: 'app', image: 'x' },
    { name: 'other', image: 'x' },
  ];
  await node.create('job', { restartPolicy: 'OnFailure', containers });
  node.runtime.exit('app', 0);
  assert.equal(await node.state('job'), 'Running app:exited(0) other:running(ready)');
  node.runtime.exit('other', 3);
  assert.equal(await node.state('job'), 'Running app:exited(0) other:running(ready)');
  node.runtime.exit('other', 0);
  assert.equal(await node.state('job'), 'Succeeded app:exited(0) other:exited(0)');
  await node.client.delete(Pod, 'job');
  assert.equal(await node.state('job'), 'gone');

  node.runtime.script('init', { exitCode: 4 });
  await node.create('bad', {
    restartPolicy: 'Never',
    initContainers: [{ name: 'init', image: 'x' }],
    containers,
  });
  const waiting = 'app:PodInitializing other:PodInitializing';
  assert.equal(await node.state('bad'), `Failed init:exited(4) ${waiting}`);
});

test('containers have their own rules for restarts', async () => {
  await using node = await WorkedNode.open();
  await node.create('web', {
    restartPolicy: 'Never',
    containers: [
      {
        name: 'app',
        image: 'x',
        restartPolicy: 'Never',
        restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }],
      },
    ],
  });
  node.runtime.exit('app', 42);
  assert.equal(await node.state('web'), 'Running app:running(ready)');
  node.runtime.exit('app', 1);
  assert.equal(await node.state('web'), 'Failed app:exited(1)');
});

test('a pod waits for what it needs, says for what, and goes on', async () => {
  await using node = await WorkedNode.open();
  node.missing.set('volume', 'configmap "settings" not found');
  await node.create('web');
  await node.clock.advance(500);
  assert.equal(await node.state('web'), 'Pending app:ContainerCreating');
  node.missing.delete('volume');
  node.runtime.sandboxProblem = 'no network';
  await node.clock.advance(5_000);
  node.runtime.sandboxProblem = undefined;
  node.images.set('app', {
    kind: 'waiting',
    reason: 'ErrImagePull',
    message: 'no such image',
  });
  await node.clock.advance(15_000);
  assert.equal(await node.state('web'), 'Pending app:ErrImagePull');
  node.images.delete('app');
  node.missing.set('app', 'secret "key" not found');
  await node.clock.advance(15_000);
  assert.equal(await node.state('web'), 'Pending app:CreateContainerConfigError');
  node.missing.delete('app');
  node.runtime.script('app', { createProblem: 'no such device' });
  await node.clock.advance(15_000);
  assert.equal(await node.state('web'), 'Pending app:CreateContainerError');
  node.runtime.script('app', { startProblem: 'no such program' }, {});
  await node.clock.advance(20_000);
  assert.equal(await node.state('web'), 'Running app:running(ready)');
  const said = [...new Set(await node.events('web'))];
  for (const each of [
    'FailedMount: configmap "settings" not found',
    'FailedCreatePodSandBox: Failed to create pod sandbox: no network',
    'Failed: Error: secret "key" not found',
    'Failed: Error: no such device',
    'Failed: Error: no such program',
  ]) {
    assert.ok(said.includes(each), `${each} in ${said.join('; ')}`);
  }
});

test('a sandbox that dies takes the pod along, which begins anew in another one', async () => {
  await using node = await WorkedNode.open();
  node.runtime.script('init', { exitCode: 0 });
  const { metadata } = await node.create('web', { initContainers: [{ name: 'init', image: 'x' }] });
  assert.equal(await node.state('web'), 'Running init:exited(0) app:running(ready)');
  node.runtime.killSandbox(metadata?.uid ?? '');
  assert.equal(await node.state('web'), 'Running init:exited(0) app:running(ready)');
  const status = (await node.pod('web'))?.status;
  assert.equal(status?.containerStatuses?.[0]?.restartCount, 1);
  assert.equal(status?.initContainerStatuses?.[0]?.restartCount, 1);
  assert.deepEqual(status?.podIPs, [{ ip: '10.0.0.4' }]);
  const changed = 'SandboxChanged: Pod sandbox changed, it will be killed and re-created.';
  assert.ok((await node.events('web')).includes(changed));
});

test('what does not end when it is asked is killed in its time, and sooner when that is cut', async () => {
  await using node = await WorkedNode.open();
  node.runtime.script('app', { isDeaf: true });
  await node.create('web');
  await node.client.delete(Pod, 'web');
  assert.equal(await node.state('web'), 'Running app:running(ready)');
  await node.clock.advance(5_000);
  await node.client.delete(Pod, 'web', { gracePeriodSeconds: 3 });
  await node.clock.advance(2_999);
  assert.equal(await node.state('web'), 'Running app:running(ready)');
  await node.clock.advance(1);
  assert.equal(await node.state('web'), 'gone');
  assert.deepEqual(
    node.runtime.calls.filter((each) => each.startsWith('stop app')),
    ['stop app in 30000', 'stop app in 3000'],
  );
});

test('a pod that was deleted without ceremony ends soon, also when its name has another one', async () => {
  await using node = await WorkedNode.open();
  node.runtime.script('app', { isDeaf: true });
  const { metadata } = await node.create('web');
  await node.client.delete(Pod, 'web', { gracePeriodSeconds: 0 });
  const second = await node.create('web');
  assert.notEqual(second.metadata?.uid, metadata?.uid);
  assert.equal(await node.state('web'), 'Running app:running(ready)');
  assert.equal(node.runtime.runs('app').length, 2);
  await node.clock.advance(2_000);
  await node.clock.advance(0);
  assert.equal(node.runtime.runs('app').length, 1);
  assert.ok(node.runtime.calls.includes('stop app in 2000'));
});

test('an agent that begins anew restarts nothing, and clears up what nobody wants', async () => {
  await using node = await WorkedNode.open();
  const readinessProbe = { exec: { command: ['true'] }, periodSeconds: 5 };
  await node.create('web', { containers: [{ name: 'app', image: 'x', readinessProbe }] });
  await node.create('old');
  assert.equal(await node.state('web'), 'Running app:running(ready)');
  const calls = node.runtime.calls.length;
  await node.stop();
  await node.client.delete(Pod, 'old', { gracePeriodSeconds: 0 });
  await node.begin();
  assert.equal(await node.state('web'), 'Running app:running(ready)');
  await node.clock.advance(5_000);
  assert.deepEqual(
    node.runtime.calls.slice(calls).filter((each) => !each.startsWith('exec')),
    ['stop app in 2000', 'stop sandbox s3', 'remove sandbox s3'],
  );
});

test('a runtime or an API that is away changes nothing of what runs', async () => {
  await using node = await WorkedNode.open();
  await node.create('web');
  node.runtime.isAway = true;
  await node.clock.advance(20_000);
  assert.equal(await node.state('web'), 'Running app:running(ready)');
  node.runtime.isAway = false;
  node.runtime.exit('app', 1);
  await node.clock.advance(5_000);
  assert.equal(node.runtime.runs('app')[0]?.attempt, 1);
});

test('hooks run after the start and before the end, within the time of the pod', async () => {
  await using node = await WorkedNode.open();
  const exec = (word: string) => ({ exec: { command: [word] } });
  const lifecycle = { postStart: exec('hello'), preStop: { sleep: { seconds: 4 } } };
  await node.create('web', { containers: [{ name: 'app', image: 'x', lifecycle }] });
  assert.equal(await node.state('web'), 'Running app:running(ready)');
  assert.ok(node.runtime.calls.includes('exec app hello'));
  await node.client.delete(Pod, 'web');
  await node.clock.advance(3_999);
  assert.equal(await node.state('web'), 'Running app:running(ready)');
  await node.clock.advance(1);
  assert.equal(await node.state('web'), 'gone');
  assert.ok(node.runtime.calls.includes('stop app in 26000'));

  const failing = () => ({ exitCode: 1, stdout: new Uint8Array(), stderr: new Uint8Array() });
  node.runtime.script('app', { exec: failing }, {});
  await node.create('bad', { containers: [{ name: 'app', image: 'x', lifecycle }] });
  await node.clock.advance(10_000);
  assert.equal(await node.state('bad'), 'Running app:running(ready)');
  const said = await node.events('bad');
  assert.ok(said.includes('FailedPostStartHook: PostStartHook failed'), said.join('; '));
  assert.ok(said.includes('Killing: FailedPostStartHook'), said.join('; '));
});

test('probes say when a container is started, ready, and dead', async () => {
  await using node = await WorkedNode.open();
  const answers = new Map([
    ['startup', 1],
    ['ready', 1],
    ['live', 0],
  ]);
  node.runtime.script('app', {
    exec: ([word = '']) => ({
      exitCode: answers.get(word) ?? 0,
      stdout: Buffer.from(`${word} says no`),
      stderr: new Uint8Array(),
    }),
  });
  const probe = (word: string) => ({
    exec: { command: [word] },
    periodSeconds: 1,
    failureThreshold: 3,
  });
  await node.create('web', {
    terminationGracePeriodSeconds: 7,
    containers: [
      {
        name: 'app',
        image: 'x',
        startupProbe: probe('startup'),
        readinessProbe: probe('ready'),
        livenessProbe: { ...probe('live'), terminationGracePeriodSeconds: 5 },
      },
    ],
  });
  await node.clock.advance(1_500);
  const app = async () => (await node.pod('web'))?.status?.containerStatuses?.[0];
  assert.deepEqual([(await app())?.started, (await app())?.ready], [false, false]);
  assert.ok(!node.runtime.calls.includes('exec app live'));
  answers.set('startup', 0);
  await node.clock.advance(1_000);
  assert.deepEqual([(await app())?.started, (await app())?.ready], [true, false]);
  answers.set('ready', 0);
  await node.clock.advance(1_000);
  assert.equal(await node.state('web'), 'Running app:running(ready)');
  answers.set('ready', 1);
  await node.clock.advance(3_000);
  assert.equal(await node.state('web'), 'Running app:running');
  answers.set('live', 1);
  await node.clock.advance(3_000);
  await node.state('web');
  assert.ok(node.runtime.calls.includes('stop app in 5000'));
  const said = await node.events('web');
  for (const each of [
    'Unhealthy: Startup probe failed: startup says no',
    'Unhealthy: Readiness probe failed: ready says no',
    'Unhealthy: Liveness probe failed: live says no',
    'Killing: Container app failed liveness probe, will be restarted',
  ]) {
    assert.ok(said.includes(each), `${each} in ${said.join('; ')}`);
  }
  assert.equal((await app())?.restartCount, 1);
});

test('a pod that has used up its time fails', async () => {
  await using node = await WorkedNode.open();
  await node.create('web', { activeDeadlineSeconds: 60 });
  await node.clock.advance(59_000);
  assert.equal(await node.state('web'), 'Running app:running(ready)');
  await node.clock.advance(1_000);
  assert.equal(await node.state('web'), 'Failed DeadlineExceeded app:exited(0)');
});

test('a node does not take what it cannot run', async () => {
  await using node = await WorkedNode.open();
  const cpu = (amount: string) => ({
    containers: [{ name: 'app', image: 'x', resources: { requests: { cpu: amount } } }],
  });
  await node.create('large', cpu('1500m'));
  await node.create('more', cpu('600m'));
  assert.equal(await node.state('more'), 'Failed OutOfcpu app:none');
  assert.equal(
    (await node.pod('more'))?.status?.message,
    "Pod was rejected: Node didn't have enough resource: cpu, requested: 600, used: 1500, capacity: 2000",
  );
  await node.create('elsewhere', { nodeSelector: { disk: 'hdd' } });
  assert.equal(await node.state('elsewhere'), 'Failed NodeAffinity app:none');
  assert.deepEqual(await node.events('elsewhere'), ['NodeAffinity: Predicate NodeAffinity failed']);
  await node.restart();
  assert.equal(await node.state('elsewhere'), 'Failed NodeAffinity app:none');
  await node.client.delete(Pod, 'elsewhere');
  assert.equal(await node.state('elsewhere'), 'gone');
});

test('an ephemeral container joins a pod that runs, and is not started again', async () => {
  await using node = await WorkedNode.open();
  await node.create('web');
  await node.state('web');
  await node.client.subresource(Pod, 'web', 'ephemeralcontainers').patch({
    strategic: {
      spec: { ephemeralContainers: [{ name: 'debug', image: 'x', targetContainerName: 'app' }] },
    },
  });
  assert.equal(await node.state('web'), 'Running app:running(ready) debug:running');
  node.runtime.exit('debug', 1);
  assert.equal(await node.state('web'), 'Running app:running(ready) debug:exited(1)');
});

test('another image takes the place of the one that runs', async () => {
  await using node = await WorkedNode.open();
  await node.create('web');
  await node.state('web');
  await node.client.patch(Pod, 'web', {
    strategic: { spec: { containers: [{ name: 'app', image: 'web:2' }] } },
  });
  assert.equal(await node.state('web'), 'Running app:running(ready)');
  const status = (await node.pod('web'))?.status?.containerStatuses?.[0];
  assert.deepEqual([status?.image, status?.restartCount], ['web:2', 1]);
  const said = await node.events('web');
  assert.ok(said.includes('Killing: Container app definition changed, will be restarted'));
});

test('what cannot be started is not tried again and again without a pause', async () => {
  await using node = await WorkedNode.open();
  node.runtime.script('app', { startProblem: 'no such program' });
  await node.create('web');
  await node.clock.advance(60_000);
  const starts = node.runtime.calls.filter((each) => each.startsWith('start app'));
  assert.deepEqual(starts, ['start app/0', 'start app/1', 'start app/2', 'start app/3']);
  assert.equal(await node.state('web'), 'Running app:CrashLoopBackOff');
});

const limits = (memory: string) => ({ limits: { memory }, requests: { memory } });

test('containers get other resources while they run, or in another run where they want that', async () => {
  await using node = await WorkedNode.open();
  const restart = { resourceName: 'memory', restartPolicy: 'RestartContainer' };
  await node.create('web', {
    containers: [
      { name: 'app', image: 'x', resources: limits('64Mi') },
      { name: 'old', image: 'x', resources: limits('64Mi'), resizePolicy: [restart] },
    ],
  });
  await node.state('web');
  const resize = async (memory: string) => {
    const containers = ['app', 'old'].map((name) => ({ name, resources: limits(memory) }));
    await node.client
      .subresource(Pod, 'web', 'resize')
      .patch({ strategic: { spec: { containers } } });
    return node.state('web');
  };
  assert.equal(await resize('128Mi'), 'Running app:running(ready) old:running(ready)');
  assert.ok(node.runtime.calls.includes('resize app to 128'));
  const { status } = (await node.pod('web')) ?? {};
  assert.deepEqual(
    status?.containerStatuses?.map(({ resources, restartCount }) => [resources, restartCount]),
    [
      [limits('128Mi'), 0],
      [limits('128Mi'), 1],
    ],
  );
  const said = await node.events('web');
  const told = `{"containers":[{"name":"app","resources":${JSON.stringify(limits('128Mi'))}},{"name":"old","resources":${JSON.stringify(limits('128Mi'))}}],"generation":2}`;
  assert.ok(said.includes(`ResizeStarted: Pod resize started: ${told}`), said.join('; '));
  assert.ok(said.includes(`ResizeCompleted: Pod resize completed: ${told}`), said.join('; '));
  assert.ok(said.includes('Killing: Container old resize requires restart'));
  const types = status?.conditions?.map(({ type }) => type) ?? [];
  assert.ok(!types.some((type) => type.startsWith('PodResize')), types.join());
});

test('a pod that cannot get more yet waits for it, and keeps what it has', async () => {
  await using node = await WorkedNode.open();
  const contained = (memory: string) => ({
    containers: [{ name: 'app', image: 'x', resources: limits(memory) }],
  });
  await node.create('web', contained('512Mi'));
  await node.create('other', contained('1Gi'));
  const resize = async (memory: string) => {
    const containers = [{ name: 'app', resources: limits(memory) }];
    await node.client
      .subresource(Pod, 'web', 'resize')
      .patch({ strategic: { spec: { containers } } });
    await node.state('web');
    const pending = (await node.pod('web'))?.status?.conditions?.find(
      ({ type }) => type === 'PodResizePending',
    );
    return pending && `${pending.reason}: ${pending.message}`;
  };
  assert.equal(
    await resize('4Gi'),
    "Infeasible: Node didn't have enough capacity: memory, requested: 4294967296, capacity: 2147483648",
  );
  assert.equal(
    await resize('1536Mi'),
    "Deferred: Node didn't have enough resource: memory, requested: 1610612736, used: 1073741824, capacity: 2147483648",
  );
  const held = (await node.pod('web'))?.status?.containerStatuses?.[0]?.resources;
  assert.deepEqual(held, limits('512Mi'));
  await node.client.delete(Pod, 'other', { gracePeriodSeconds: 0 });
  await node.clock.advance(10_000);
  await node.state('web');
  const now = (await node.pod('web'))?.status;
  assert.deepEqual(now?.containerStatuses?.[0]?.resources, limits('1536Mi'));
  assert.equal(now?.containerStatuses?.[0]?.restartCount, 0);
});

test('a container that an agent before has made and not started makes room for one that is', async () => {
  await using node = await WorkedNode.open();
  await node.create('web');
  await node.state('web');
  await node.stop();
  node.runtime.exit('app', 1);
  await node.runtime.createNext('app');
  // It is on its way, as somebody sees it.
  node.runtime.removalProblem = 'container is in starting state';
  await node.begin();
  await node.clock.advance(2_500);
  const removals = node.runtime.calls.filter((each) => each === 'remove app/1');
  assert.equal(removals.length, 2);
  node.runtime.removalProblem = undefined;
  await node.clock.advance(4_000);
  assert.equal(await node.state('web'), 'Running app:running(ready)');
  assert.equal((await node.pod('web'))?.status?.containerStatuses?.[0]?.restartCount, 1);
});

test('a container can have all of its pod begin anew in the same sandbox', async () => {
  await using node = await WorkedNode.open();
  node.runtime.script('init', { exitCode: 0 });
  const exitCodes = { operator: 'In', values: [88] };
  await node.create('web', {
    restartPolicy: 'Never',
    initContainers: [
      { name: 'init', image: 'x' },
      { name: 'proxy', image: 'x', restartPolicy: 'Always' },
    ],
    containers: [
      {
        name: 'app',
        image: 'x',
        restartPolicy: 'Never',
        restartPolicyRules: [{ action: 'RestartAllContainers', exitCodes }],
      },
      { name: 'done', image: 'x' },
      { name: 'other', image: 'x' },
    ],
  });
  await node.clock.advance(1_000);
  node.runtime.exit('done', 0);
  node.runtime.exit('app', 88);
  const running = 'app:running(ready) done:running(ready) other:running(ready)';
  assert.equal(await node.state('web'), `Running init:exited(0) proxy:running(ready) ${running}`);
  const { initContainerStatuses = [], containerStatuses = [] } =
    (await node.pod('web'))?.status ?? {};
  assert.deepEqual(
    [...initContainerStatuses, ...containerStatuses].map(({ restartCount }) => restartCount),
    [1, 1, 1, 1, 1],
  );
  assert.deepEqual(
    node.runtime.calls.filter((each) => each.includes('sandbox')),
    ['start sandbox web/0'],
  );
});

test('what was started while somebody looked is not started twice', async () => {
  await using node = await WorkedNode.open();
  const configured = Promise.withResolvers<void>();
  node.gates.set('app', configured.promise);
  await node.create('web');
  await node.clock.advance(0);
  const listed = Promise.withResolvers<void>();
  node.runtime.listing = listed.promise;
  // The status has waited long enough.
  await node.clock.advance(600);
  configured.resolve();
  await node.clock.advance(0);
  node.runtime.listing = undefined;
  listed.resolve();
  assert.equal(await node.state('web'), 'Running app:running(ready)');
  // The runtime would refuse a second one, and the pod would say so.
  assert.deepEqual(await node.events('web'), [
    'Created: Container created',
    'Started: Container started',
  ]);
  assert.deepEqual(node.warnings, []);
});
