import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { nodejsHost } from '@fairway/host/nodejs';
import {
  TestPod,
  describeRuntime,
  openTestProcesses,
  skipWithoutNamespaces,
  until,
  withRuntime,
} from '@fairway/node-agent/testing';
import { runProbe } from '../src/probes/run-probe.ts';

const skip = await skipWithoutNamespaces();

describeRuntime(
  'processes',
  { skip, open: openTestProcesses },
  {
    'a container that takes more memory than it may is killed for it': 'nothing limits processes',
    'a container that runs gets other resources': 'nothing limits processes',
    'a container runs as whom it shall, with what it may': 'nothing filters calls of the system',
  },
);

withRuntime('processes of root', { skip, open: openTestProcesses }, (fixture) => {
  test('a process runs as whom it shall, with what it may', async (context) => {
    if (process.getuid?.() !== 0) return context.skip('needs root');
    await using pod = await TestPod.start(fixture());
    await pod.runToEnd('id; grep -E "^(CapBnd|CapEff|NoNewPrivs)" /proc/self/status; echo >/x', {
      security: {
        runAsUser: 65534,
        supplementalGroups: [4321],
        hasReadOnlyRoot: true,
        noNewPrivileges: true,
        droppedCapabilities: ['ALL'],
        addedCapabilities: ['NET_BIND_SERVICE'],
      },
    });
    const log = (await pod.log()).join('\n');
    assert.match(log, /uid=65534\S* gid=65534\S* groups=65534\S*,4321/);
    assert.match(log, /NoNewPrivs:\s1$/m);
    assert.match(log, /CapEff:\s0+$/m);
    assert.match(log, /CapBnd:\s0+400$/m);
    assert.match(log, /Read-only file system/);
  });

  test('an agent tries what listens at the address of a pod, and nothing beside it', async () => {
    await using pod = await TestPod.start(fixture());
    const { runtime } = fixture();
    const serve = 'mkdir /www; echo fine >/www/index.html';
    const containerId = await pod.run(`${serve}; exec busybox httpd -f -h /www -p 8080`);
    const [{ sandboxes: [sandbox] = [] } = {}] = await runtime.listPods();
    const host = sandbox?.addresses[0] ?? '';
    const { clock } = nodejsHost();
    const { signal } = new AbortController();
    const scene = { runtime, clock, containerId, container: {}, host, signal };
    const httpGet = { path: '/index.html', port: 8080 };
    await until('it listens', async () =>
      (await runProbe({ httpGet, timeoutSeconds: 5 }, scene)).kind === 'success' ? true : undefined,
    );
    assert.deepEqual(await runProbe({ tcpSocket: { port: 8080 } }, scene), { kind: 'success' });
    const message = `dial tcp ${host}:9: connect: connection refused`;
    assert.deepEqual(await runProbe({ tcpSocket: { port: 9 } }, scene), {
      kind: 'failure',
      message,
    });
    assert.deepEqual(await runProbe({ httpGet: { port: 9 } }, scene), {
      kind: 'failure',
      message: `Get "http://${host}:9/": ${message}`,
    });
    const grpc = await runProbe({ grpc: { port: 9 }, timeoutSeconds: 2 }, scene);
    assert.match(JSON.stringify(grpc), /failed to connect service .*ECONNREFUSED/);
    // What listens to itself alone is not what others find.
    const inner = await pod.run('exec busybox nc -lk -s 127.0.0.1 -p 8081', { name: 'inner' });
    const alone = await runProbe({ tcpSocket: { port: 8081 } }, { ...scene, containerId: inner });
    assert.equal(alone.kind, 'failure');
  });

  test('a container, and a command in it, see of what is hidden only what is mounted of it', async () => {
    const { hiddenDirectory: hidden } = fixture();
    await writeFile(join(hidden, 'key'), 'secret');
    await mkdir(join(hidden, 'volume'));
    await writeFile(join(hidden, 'volume', 'file'), 'mounted\n');
    await using pod = await TestPod.start(fixture());
    const volume = { hostPath: join(hidden, 'volume'), isReadOnly: true } as const;
    const mounts = [{ ...volume, containerPath: '/volume', propagation: 'private' }] as const;
    const look = `ls -A ${hidden}; cat ${hidden}/key /volume/file`;
    const id = await pod.run(`${look}; sleep 100`, { mounts });
    const { runtime } = fixture();
    const bounds = { timeoutMs: 10_000, outputBytesMax: 1_000 };
    const { stdout } = await runtime.execToEnd(id, ['sh', '-c', look], bounds);
    assert.equal(Buffer.from(stdout).toString(), 'mounted\n');
    const log = (await pod.log()).join('\n');
    assert.doesNotMatch(log, /secret/);
  });

  test('variables of any name and text arrive, and no command line shows them', async () => {
    await using pod = await TestPod.start(fixture());
    const odd = `it's "$(touch /tmp/x)"\nand \\ more`;
    const environment = { PATH: '/usr/bin:/bin', ODD: odd, 'dotted.name': '1', UID: '7' };
    await pod.runToEnd('printf %s "$ODD" | base64 -w0; echo; ls /tmp', { environment });
    const [text = '', ...rest] = await pod.log();
    assert.equal(Buffer.from(text.slice('stdout F '.length), 'base64').toString(), odd);
    assert.deepEqual(rest, []);
    // Shells themselves pass on no names but theirs.
    await pod.runToEnd('', { attempt: 1, command: ['env'], environment });
    const all = await pod.log('main', 1);
    assert.ok(all.includes('stdout F dotted.name=1') && all.includes('stdout F UID=7'));
    const id = await pod.run('sleep 100', {
      name: 'secret',
      environment: { PATH: '/bin', ODD: 'hidden-7316' },
    });
    const look = ['sh', '-c', 'cat /proc/*/cmdline | grep -ac hidden-7316'];
    const seen = await fixture().runtime.execToEnd(id, look, {
      timeoutMs: 10_000,
      outputBytesMax: 100,
    });
    // The command that looks for it says it.
    assert.equal(Buffer.from(seen.stdout).toString(), '1\n');
  });

  test('a link in a volume leads to no place of the machine where something is made', async () => {
    const folder = join(fixture().directory, 'links');
    const victim = join(fixture().directory, 'victim');
    await mkdir(folder);
    await mkdir(victim);
    await symlink(`/.fairway-old${victim}`, join(folder, 'old'));
    await symlink(victim, join(folder, 'new'));
    await using pod = await TestPod.start(fixture());
    const volume = { hostPath: folder, isReadOnly: false, propagation: 'private' } as const;
    for (const [attempt, link] of ['old', 'new'].entries()) {
      const id = await pod.create('true', {
        attempt,
        mounts: [
          { ...volume, containerPath: '/volume' },
          { ...volume, containerPath: `/volume/${link}/made` },
        ],
      });
      await fixture()
        .runtime.startContainer(id)
        .catch(() => {}); // It may be refused or not.
      assert.ok(!existsSync(join(victim, 'made')));
    }
  });

  test('what processes cannot be is refused, with what to do', async () => {
    await using pod = await TestPod.start(fixture());
    const mapping = { protocol: 'TCP', containerPort: 80, hostPort: 80 } as const;
    const { runtime, images } = fixture();
    const refused = {
      name: 'RuntimeError',
      problem: 'unsupported',
      message: /run the node with containerd/,
    };
    await assert.rejects(runtime.startSandbox({ ...pod.config, portMappings: [mapping] }), refused);
    await assert.rejects(
      runtime.startSandbox({ ...pod.config, runtimeHandler: 'gvisor' }),
      refused,
    );
    const seccomp = { kind: 'localhost', path: '/x.json' } as const;
    await assert.rejects(pod.create('true', { security: { seccomp } }), refused);
    await assert.rejects(images.pull('nginx'), {
      problem: 'not-found',
      message: /`image: host`, or install containerd/,
    });
    assert.equal(
      (await images.find('docker.io/library/host:latest'))?.id,
      await images.pull('host'),
    );
  });
});

const oneUser = { skip, open: () => openTestProcesses({ isRoot: false }) };

withRuntime('processes of an ordinary user', oneUser, (fixture) => {
  test('a pod has one user, who is root in it and nobody else', async () => {
    await using pod = await TestPod.start(fixture());
    const id = await pod.run('id -u; wc -l </proc/self/uid_map; mkdir /data; sleep 100');
    const command = ['sh', '-c', 'id -u; ls -d /data'];
    const { stdout } = await fixture().runtime.execToEnd(id, command, {
      timeoutMs: 10_000,
      outputBytesMax: 100,
    });
    assert.equal(Buffer.from(stdout).toString(), '0\n/data\n');
    assert.deepEqual(await pod.log(), ['stdout F 0', 'stdout F 1']);
    await assert.rejects(pod.create('true', { security: { runAsUser: 65534 } }), {
      problem: 'unsupported',
      message: /one user only.*run the agent as root/,
    });
  });

  test('the shim of a pod takes it along when it is killed', async () => {
    await using pod = await TestPod.start(fixture());
    const id = await pod.run('sleep 1002');
    const { runtime, directory } = fixture();
    const told = Promise.withResolvers<void>();
    using _ = runtime.onChange(() => told.resolve());
    const kept = JSON.parse(
      await readFile(join(directory, 'pods', pod.sandboxId, 'sandbox.json'), 'utf8'),
    ) as { readonly shim: { readonly pid: number } };
    process.kill(kept.shim.pid, 'SIGKILL');
    await told.promise;
    const record = await runtime.containerRecord(id);
    assert.deepEqual([record?.state, record?.exitCode, record?.reason], ['exited', 255, 'Unknown']);
    const [seen] = await runtime.listPods();
    assert.equal(seen?.sandboxes[0]?.isReady, false);
  });
});
