import assert from 'node:assert/strict';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerMount } from '../runtime/container.ts';
import { type DeclareTest, type RuntimeFixture, TestPod, ended, until } from './runtime-fixture.ts';

const mebibyte = 1024 * 1024;

/** What becomes of a container. */
export function describeContainers(fixture: () => RuntimeFixture, test: DeclareTest): void {
  test('a container runs what it is told and leaves its exit code and its log', async () => {
    await using pod = await TestPod.start(fixture());
    const id = await pod.create('echo "$GREETING $0 $1"; pwd; echo worse >&2; exit 5', {
      args: ['zero', 'one'],
      environment: { PATH: '/bin', GREETING: 'good day' },
      workingDirectory: '/tmp',
    });
    const { runtime } = fixture();
    const created = await runtime.containerRecord(id);
    assert.deepEqual([created?.state, created?.startedMs], ['created', undefined]);
    await runtime.startContainer(id);
    const record = await ended(runtime, id);
    assert.deepEqual([record.exitCode, record.reason], [5, 'Error']);
    assert.ok(record.startedMs !== undefined && record.finishedMs !== undefined);
    assert.ok(record.createdMs <= record.startedMs && record.createdMs <= record.finishedMs);
    assert.equal(record.logPath, join(pod.config.logDirectory, 'main/0.log'));
    const lines = await pod.log();
    assert.deepEqual([...lines].sort(), [
      'stderr F worse',
      'stdout F /tmp',
      'stdout F good day zero one',
    ]);
    const [first = ''] = (await readFile(record.logPath, 'utf8')).split('\n');
    assert.match(first, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(Z|[+-]\d\d:\d\d) std(out|err) F /);
    assert.equal((await pod.runToEnd('true', { attempt: 1 })).reason, 'Completed');
  });

  test('a line without an end is logged as partial, and a long one in parts', async () => {
    await using pod = await TestPod.start(fixture());
    await pod.runToEnd('head -c 20000 /dev/zero | tr "\\0" x; echo; printf unended');
    const [begin = '', rest = '', last] = await pod.log();
    assert.ok(begin.startsWith('stdout P x'));
    assert.ok(rest.startsWith('stdout F x'));
    assert.equal(begin.length + rest.length, 20_000 + 2 * 'stdout P '.length);
    assert.equal(last, 'stdout P unended');
  });

  test('a program that is not there is named, and its container has failed', async () => {
    await using pod = await TestPod.start(fixture());
    const { runtime } = fixture();
    const id = await pod.create('', { command: ['no-such-program'] });
    await assert.rejects(runtime.startContainer(id), {
      name: 'RuntimeError',
      problem: 'failed',
      message: /no-such-program.*not found/,
    });
    const record = await ended(runtime, id);
    assert.notEqual(record.exitCode, 0);
  });

  test('a container that takes more memory than it may is killed for it', async () => {
    await using pod = await TestPod.start(fixture());
    const record = await pod.runToEnd('tail /dev/zero', {
      resources: { memoryBytesMax: 16 * mebibyte },
    });
    assert.deepEqual([record.exitCode, record.reason], [137, 'OOMKilled']);
  });

  test('a container is asked to end, and killed when it does not', async () => {
    await using pod = await TestPod.start(fixture());
    const { runtime } = fixture();
    const loop = 'while :; do sleep 0.05; done';
    const obedient = await pod.run(`trap "exit 3" TERM; ${loop}`, { name: 'obedient' });
    const deaf = await pod.run(`trap "" TERM; ${loop}`, { name: 'deaf' });
    const quick = await pod.run(`trap "" TERM; ${loop}`, { name: 'quick' });
    await Promise.all([
      runtime.stopContainer(obedient, { graceMs: 20_000 }),
      runtime.stopContainer(deaf, { graceMs: 1_000 }),
      runtime.stopContainer(quick, { graceMs: 0 }),
    ]);
    const codes = await Promise.all(
      [obedient, deaf, quick].map(async (id) => (await runtime.containerRecord(id))?.exitCode),
    );
    assert.deepEqual(codes, [3, 137, 137]);
    await runtime.stopContainer(deaf, { graceMs: 1_000 });
  });

  test('a container sees what is mounted, and writes only where it may', async () => {
    const folder = join(fixture().directory, 'mounted');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'file'), 'given\n');
    const mount = (containerPath: string, isReadOnly: boolean): ContainerMount => ({
      containerPath,
      hostPath: folder,
      isReadOnly,
      propagation: 'private',
    });
    await using pod = await TestPod.start(fixture());
    await pod.runToEnd('cat /ro/file; echo no >/ro/file; echo yes >/rw/written', {
      mounts: [mount('/ro', true), mount('/rw', false)],
    });
    const log = (await pod.log()).join('\n');
    assert.match(log, /^stdout F given$/m);
    assert.match(log, /^stderr F .*Read-only file system$/m);
    assert.equal(await readFile(join(folder, 'file'), 'utf8'), 'given\n');
    assert.equal(await readFile(join(folder, 'written'), 'utf8'), 'yes\n');
  });

  test('a container runs as whom it shall, with what it may', async () => {
    await using pod = await TestPod.start(fixture());
    await pod.runToEnd(
      'id; grep -E "NoNewPrivs|CapEff|Seccomp:" /proc/self/status; touch /x 2>&1',
      {
        security: {
          runAsUser: 65534,
          runAsGroup: 65534,
          supplementalGroups: [4321],
          hasReadOnlyRoot: true,
          noNewPrivileges: true,
          droppedCapabilities: ['ALL'],
          seccomp: { kind: 'runtime-default' },
        },
      },
    );
    const log = (await pod.log()).join('\n');
    assert.match(log, /uid=65534\S* gid=65534\S* groups=.*4321/);
    assert.match(log, /NoNewPrivs:\s1$/m);
    assert.match(log, /CapEff:\s0+$/m);
    assert.match(log, /Seccomp:\s2$/m);
    assert.match(log, /Read-only file system/);
  });

  test('a container that runs gets other resources', async () => {
    await using pod = await TestPod.start(fixture());
    const { runtime } = fixture();
    const id = await pod.run('sleep 100', { resources: { memoryBytesMax: 32 * mebibyte } });
    await runtime.resizeContainer(id, { memoryBytesMax: 64 * mebibyte, cpuShares: 512 });
    const file = '/sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max';
    const options = { timeoutMs: 10_000, outputBytesMax: 1_000 };
    const command = ['sh', '-c', `cat ${file} 2>/dev/null`];
    const { stdout } = await runtime.execToEnd(id, command, options);
    assert.equal(Buffer.from(stdout).toString().trim(), String(64 * mebibyte));
  });

  test('a log that was renamed is opened anew', async () => {
    await using pod = await TestPod.start(fixture());
    const { runtime } = fixture();
    const id = await pod.run('i=0; while :; do i=$((i+1)); echo $i; sleep 0.02; done');
    const path = join(pod.config.logDirectory, 'main/0.log');
    const lines = async (): Promise<readonly string[] | undefined> => {
      const log = await pod.log().catch(() => []);
      return log.length > 2 ? log : undefined;
    };
    await until('something is logged', lines);
    await rename(path, `${path}.old`);
    await runtime.reopenLog(id);
    const [first = ''] = await until('something is logged anew', lines);
    const old = (await readFile(`${path}.old`, 'utf8')).trim().split('\n');
    const next = Number(first.split(' ').at(-1));
    assert.equal(next, Number(old.at(-1)?.split(' ').at(-1)) + 1);
  });

  test('what is not there is said to be so, or is gone as wanted', async () => {
    const { runtime } = fixture();
    await using pod = await TestPod.start(fixture());
    const nowhere = 'a'.repeat(64);
    assert.equal(await runtime.containerRecord(nowhere), undefined);
    await runtime.stopSandbox(nowhere);
    await runtime.removeSandbox(nowhere);
    await runtime.stopContainer(nowhere, { graceMs: 0 });
    await runtime.removeContainer(nowhere);
    const options = { timeoutMs: 1_000, outputBytesMax: 1_000 };
    const { config } = pod;
    for (const fail of [
      () => runtime.startContainer(nowhere),
      () => runtime.reopenLog(nowhere),
      () => runtime.resizeContainer(nowhere, {}),
      () => runtime.execToEnd(nowhere, ['true'], options),
      () => runtime.connectPort(nowhere, 80),
      () => runtime.createContainer(nowhere, pod.containerConfig('true'), config),
    ]) {
      await assert.rejects(fail(), { name: 'RuntimeError', problem: 'not-found' });
    }
  });

  test('input that no runtime can use is refused, and nothing is left of it', async () => {
    await using pod = await TestPod.start(fixture());
    for (const changes of [
      { imageId: 'sha256:' },
      { imageId: '../../etc' },
      { security: { runAsGroup: 4 } },
    ]) {
      await assert.rejects(pod.create('true', changes), { name: 'RuntimeError' });
    }
    const seen = (await fixture().runtime.listPods()).find(({ uid }) => uid === pod.config.pod.uid);
    assert.deepEqual(seen?.containers, []);
  });

  test('an ended container is taken away, and its log stays', async () => {
    await using pod = await TestPod.start(fixture());
    const { runtime } = fixture();
    const { id } = await pod.runToEnd('echo kept');
    await runtime.removeContainer(id);
    assert.equal(await runtime.containerRecord(id), undefined);
    assert.deepEqual(await pod.log(), ['stdout F kept']);
  });
}
