import assert from 'node:assert/strict';
import type { ContainerRecord } from '../runtime/container.ts';
import { type DeclareTest, type RuntimeFixture, TestPod, ended, until } from './runtime-fixture.ts';

/** What the containers of a pod share, and what the runtime knows of pods. */
export function describePods(fixture: () => RuntimeFixture, test: DeclareTest): void {
  test('a pod has its address, its name and its names of others', async () => {
    await using pod = await TestPod.start(fixture());
    const script = 'hostname; cat /etc/resolv.conf; ip -o -4 addr show dev eth0';
    await pod.runToEnd(script);
    const log = (await pod.log()).join('\n');
    const [address = ''] = await pod.addresses();
    assert.match(address, /^10\./);
    assert.match(log, new RegExp(`^stdout F ${pod.config.hostname}$`, 'm'));
    assert.match(log, new RegExp(`inet ${address.replaceAll('.', '\\.')}/`));
    assert.match(log, /nameserver 10\.96\.0\.10/);
    assert.match(log, /search svc\.cluster\.local/);
  });

  test('the containers of a pod share its network, not its processes', async () => {
    await using pod = await TestPod.start(fixture());
    const serve =
      'mkdir /tmp/www; echo ours >/tmp/www/index.html; busybox httpd -f -p 127.0.0.1:8001 -h /tmp/www';
    await pod.run(serve, { name: 'sidecar' });
    const { runtime } = fixture();
    const ask = 'until busybox wget -qO- http://127.0.0.1:8001/ 2>/dev/null; do sleep 0.05; done';
    const { exitCode } = await pod.runToEnd(`${ask}; busybox ps -o args | grep -c "[h]ttpd -f"`);
    assert.equal(exitCode, 1);
    assert.deepEqual(await pod.log(), ['stdout F ours', 'stdout F 0']);
    const [seen] = (await runtime.listPods()).filter(({ uid }) => uid === pod.config.pod.uid);
    assert.deepEqual(
      seen?.containers.map(({ name, state }) => [name, state]),
      [
        ['main', 'exited'],
        ['sidecar', 'running'],
      ],
    );
  });

  test('a pod may share its processes, and its first one buries the orphans', async () => {
    await using pod = await TestPod.start(fixture(), {
      namespaces: { network: 'pod', pid: 'pod', ipc: 'pod' },
    });
    await pod.run('sleep 1001', { name: 'other' });
    // The inner shell ends first, so that what it started becomes a child of the first process.
    const script = "sh -c 'sleep 0.1 &'; sleep 0.3; busybox ps -o pid,stat,args";
    await pod.runToEnd(script);
    const log = (await pod.log()).join('\n');
    assert.match(log, /sleep 1001/);
    assert.doesNotMatch(log, / Z /);
  });

  test('a pod in the network of its node has no address of its own', async () => {
    await using pod = await TestPod.start(fixture(), {
      hostname: '',
      namespaces: { network: 'node', pid: 'container', ipc: 'pod' },
    });
    assert.deepEqual(await pod.addresses(), []);
    const { exitCode } = await pod.runToEnd('ip link show eth0 2>&1; ip -o link show lo');
    assert.equal(exitCode, 0);
  });

  test('the runtime tells of a pod what it was told, the newest first', async () => {
    await using pod = await TestPod.start(fixture());
    await pod.runToEnd('exit 3', { attempt: 0 });
    await pod.runToEnd('exit 4', { attempt: 1, annotations: { 'example.com/x': 'y' } });
    const { runtime } = fixture();
    const seen = (await runtime.listPods()).find(({ uid }) => uid === pod.config.pod.uid);
    assert.deepEqual([seen?.name, seen?.namespace], [pod.config.pod.name, 'default']);
    const [sandbox] = seen?.sandboxes ?? [];
    assert.equal(sandbox?.id, pod.sandboxId);
    assert.ok(sandbox.isReady);
    assert.equal(sandbox.annotations['example.com/note'], 'kept as it is');
    const [newest, oldest] = seen?.containers ?? [];
    assert.deepEqual([newest?.attempt, newest?.exitCode], [1, 4]);
    assert.deepEqual([oldest?.attempt, oldest?.exitCode], [0, 3]);
    assert.equal(newest?.annotations['example.com/x'], 'y');
    assert.equal(newest.labels['io.kubernetes.container.name'], 'main');
  });

  test('a sandbox that is stopped is not ready, and its containers have ended', async () => {
    await using pod = await TestPod.start(fixture());
    const { runtime } = fixture();
    const container = await pod.run('sleep 100');
    await runtime.stopSandbox(pod.sandboxId);
    const seen = (await runtime.listPods()).find(({ uid }) => uid === pod.config.pod.uid);
    assert.equal(seen?.sandboxes[0]?.isReady, false);
    assert.equal((await ended(runtime, container)).exitCode, 137);
    await runtime.stopSandbox(pod.sandboxId);
    await runtime.removeSandbox(pod.sandboxId);
    const left = (await runtime.listPods()).some(({ uid }) => uid === pod.config.pod.uid);
    assert.equal(left, false);
    assert.equal(await runtime.containerRecord(container), undefined);
  });

  test('whoever listens is told that a container has ended', async () => {
    await using pod = await TestPod.start(fixture());
    const { runtime } = fixture();
    const { promise: told, resolve } = Promise.withResolvers<ContainerRecord>();
    // Whose container it is, the runtime may know from a look only.
    const container = await pod.create('sleep 0.2; exit 2');
    await runtime.listPods();
    const look = async (): Promise<void> => {
      const record = await runtime.containerRecord(container);
      // Some tell of its start, too.
      if (record?.state === 'exited') resolve(record);
    };
    using _ = runtime.onChange((uid) => {
      if (uid === pod.config.pod.uid) void look();
    });
    await runtime.startContainer(container);
    assert.equal((await told).exitCode, 2);
  });

  test('containers run on while what keeps them is away', async () => {
    await using pod = await TestPod.start(fixture());
    const container = await pod.run('trap "exit 7" TERM; while :; do sleep 0.05; done');
    const before = await fixture().runtime.containerRecord(container);
    await fixture().restart();
    const { runtime } = fixture();
    const after = await runtime.containerRecord(container);
    assert.deepEqual(after, before);
    const options = { timeoutMs: 10_000, outputBytesMax: 1_000 };
    const { stdout } = await runtime.execToEnd(container, ['echo', 'alive'], options);
    assert.equal(Buffer.from(stdout).toString(), 'alive\n');
    await runtime.stopContainer(container, { graceMs: 10_000 });
    assert.equal((await ended(runtime, container)).exitCode, 7);
  });

  test('what a pod takes of the machine is counted', async () => {
    await using pod = await TestPod.start(fixture());
    const container = await pod.run('while :; do :; done');
    const { runtime } = fixture();
    await runtime.listPods();
    const usage = await until('the container has used time', async () => {
      const all = await runtime.usage();
      return all.find((each) => each.containerId === container && each.cpuNanoseconds > 0);
    });
    assert.deepEqual([usage.podUid, usage.name], [pod.config.pod.uid, 'main']);
    assert.ok(usage.workingSetBytes > 0);
    const [filesystem] = await runtime.filesystems();
    assert.ok(filesystem?.mountPoint.startsWith('/'));
  });

  test('twenty pods at once all get an address of their own', async () => {
    const pods = await Promise.all(
      Array.from({ length: 20 }, async () => await TestPod.start(fixture())),
    );
    try {
      const seen = await fixture().runtime.listPods();
      const addresses = pods.map(
        ({ config }) => seen.find(({ uid }) => uid === config.pod.uid)?.sandboxes[0]?.addresses[0],
      );
      assert.equal(new Set(addresses).size, 20);
      assert.ok(!addresses.includes(undefined));
    } finally {
      await Promise.all(pods.map((pod) => pod[Symbol.asyncDispose]()));
    }
  });
}
