import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { nodejsMachineFiles as machine } from '@fairway/host/machine';
import { nodejsHost } from '@fairway/host/nodejs';
import type { Container, PodSpec, Volume } from '@fairway/kinds/core/v1';
import { type PodCgroups, podCgroups } from '../src/cgroups/pod-cgroups.ts';
import { containerConfig } from '../src/container-config/container-config.ts';
import { sandboxConfig } from '../src/container-config/sandbox-config.ts';
import type { NodeFacts } from '../src/node/node-facts.ts';
import type { AnyPod } from '../src/pod-lifecycle/pod-containers.ts';
import type { PodSources } from '../src/sources/pod-sources.ts';
import type { SandboxConfig } from '../src/runtime/sandbox.ts';
import {
  type TestContainerd,
  ended,
  openTestContainerd,
  skipWithoutContainerd,
} from '../src/testing.ts';
import { exampleNode } from './example-node.ts';
import { type VolumeStory, openVolumeStory } from './volume-story.ts';

const { files } = nodejsHost();
const sources: PodSources = {
  configMap: async () => undefined,
  secret: async () => undefined,
  services: async () => [
    {
      metadata: { name: 'kubernetes', namespace: 'default' },
      spec: { clusterIP: '10.96.0.1', ports: [{ port: 443 }] },
    },
  ],
};
const limits = { cpu: '500m', memory: '64Mi' };

/** What a node agent puts together: volumes, cgroups, and what it says to containerd. */
describe('a pod as containerd runs it', { skip: await skipWithoutContainerd() }, () => {
  let containerd: TestContainerd;
  let story: VolumeStory;
  let cgroups: PodCgroups;
  let node: NodeFacts;

  before(async () => {
    containerd = await openTestContainerd();
    story = await openVolumeStory();
    const cgroupRoot = `/${containerd.directory.slice(containerd.directory.lastIndexOf('/') + 1)}`;
    cgroups = await podCgroups({ machine, files, root: cgroupRoot });
    const logDirectory = join(story.directory, 'logs');
    node = { ...exampleNode, rootDirectory: story.root, logDirectory, cgroupRoot };
  });

  after(async () => {
    await containerd[Symbol.asyncDispose]();
    for (const uid of await cgroups.leftovers()) assert.ok(await cgroups.remove(uid));
    await cgroups.removeAll();
    await story[Symbol.asyncDispose]();
  });

  /** A pod with a sandbox, and a way to run its containers. */
  async function startPod(uid: string, spec: Partial<PodSpec>) {
    const pod: AnyPod = {
      metadata: { name: 'web-0', namespace: 'shop', uid, labels: { app: 'web' } },
      spec: { containers: [], ...spec },
    };
    await cgroups.make(pod);
    const sandbox: SandboxConfig = sandboxConfig(pod, node, { attempt: 0 });
    const sandboxId = await containerd.runtime.startSandbox(sandbox);
    const [running] = (await containerd.runtime.listPods()).filter((each) => each.uid === uid);
    const podAddresses = running?.sandboxes[0]?.addresses ?? [];
    const image = await containerd.images.find(containerd.image);
    assert.ok(image);
    return {
      pod,
      podAddresses,
      async start(container: Container, attempt = 0): Promise<string> {
        const volumes = await story.volumes.setUp(pod);
        const of = { pod, container, image, attempt, volumes, podAddresses };
        const config = await containerConfig({ ...of, sources, node, machine, files });
        const id = await containerd.runtime.createContainer(sandboxId, config, sandbox);
        await containerd.runtime.startContainer(id);
        return id;
      },
      log: async (name: string, attempt = 0): Promise<string> => {
        const text = await readFile(join(sandbox.logDirectory, name, `${attempt}.log`), 'utf8');
        return text.replaceAll(/^\S+ std(out|err) F /gm, '');
      },
      async end(): Promise<void> {
        await containerd.runtime.stopSandbox(sandboxId);
        await containerd.runtime.removeSandbox(sandboxId);
        await story.volumes.tearDown(uid);
        assert.ok(await cgroups.remove(uid));
      },
    };
  }

  test('has the names, files, rights and limits that its spec says', async () => {
    story.configMaps.set('settings', { data: { color: 'blue' } });
    story.secrets.set('keys', { data: { key: Buffer.from('s3cret').toString('base64') } });
    story.tokens = [{ token: 'a.b.c', expirationSeconds: 3_600, expirationTimestamp: '' }];
    const volumes: Volume[] = [
      { name: 'settings', configMap: { name: 'settings' } },
      { name: 'data', emptyDir: {} },
      { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
      {
        name: 'account',
        projected: {
          sources: [
            { serviceAccountToken: { path: 'token' } },
            { secret: { name: 'keys' } },
            {
              downwardAPI: {
                items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }],
              },
            },
          ],
        },
      },
    ];
    const script = `
      hostname; id -u; id -g; id -G; cat /etc/hosts | tail -4; cat /etc/resolv.conf
      ls -l /account/ | awk '{print $1, $3, $4, $NF}' | tail -n +2
      cat /account/token /account/key /account/labels; echo
      ls -lL /account/token | awk '{print $1, $3, $4}'
      touch /data/file /memory/file /part/file && ls -ld /data | awk '{print $1, $4}'
      touch /settings/x 2>&1; touch /x 2>&1; df -k /memory | awk 'END {print $2}'
      env | grep -E '^(COLOR|POD_IP|CPU|KUBERNETES_SERVICE_HOST)' | sort
      cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null
      cat /proc/self/oom_score_adj; grep -E 'NoNewPrivs|CapEff|Seccomp:' /proc/self/status
      echo last words > /dev/termination-log`;
    const container: Container = {
      name: 'main',
      image: containerd.image,
      command: ['sh', '-c', script],
      env: [
        { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
        { name: 'COLOR', value: 'dark $(POD_IP)' },
        { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1m' } } },
      ],
      terminationMessagePath: '/dev/termination-log',
      resources: { requests: { memory: '32Mi' }, limits },
      securityContext: {
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
        seccompProfile: { type: 'RuntimeDefault' },
      },
      volumeMounts: [
        { name: 'settings', mountPath: '/settings' },
        { name: 'data', mountPath: '/data' },
        { name: 'memory', mountPath: '/memory' },
        { name: 'account', mountPath: '/account' },
        { name: 'data', mountPath: '/part', subPathExpr: 'parts/$(CPU)' },
      ],
    };
    const pod = await startPod('u-config', {
      containers: [container],
      volumes,
      hostname: 'db',
      subdomain: 'data',
      hostAliases: [{ ip: '192.0.2.9', hostnames: ['other'] }],
      securityContext: { runAsUser: 1_000, runAsGroup: 2_000, fsGroup: 3_000, runAsNonRoot: true },
    });
    const id = await pod.start(container);
    const record = await ended(containerd.runtime, id);
    const log = await pod.log('main');
    assert.equal(record.exitCode, 0, log);
    assert.equal(log, expectedLog(pod.podAddresses[0] ?? ''));
    const lastWords = join(story.root, 'pods/u-config/containers/main/0');
    assert.equal(await readFile(lastWords, 'utf8'), 'last words\n');
    assert.deepEqual(await story.volumes.leftovers(), ['u-config']);
    assert.deepEqual(await cgroups.leftovers(), ['u-config']);
    await pod.end();
  });

  test('sees what changes, and leads nowhere else whatever it leaves in its volumes', async () => {
    story.configMaps.set('settings', { data: { color: 'blue' } });
    const container: Container = {
      name: 'main',
      image: containerd.image,
      command: ['sleep', '1000'],
      volumeMounts: [
        { name: 'settings', mountPath: '/settings' },
        { name: 'data', mountPath: '/data' },
        { name: 'data', mountPath: '/part', subPath: 'part' },
      ],
    };
    const pod = await startPod('u-live', {
      containers: [container],
      volumes: [
        { name: 'settings', configMap: { name: 'settings' } },
        { name: 'data', emptyDir: {} },
      ],
    });
    const id = await pod.start(container);
    const run = async (...command: readonly string[]): Promise<string> => {
      const bounds = { timeoutMs: 10_000, outputBytesMax: 10_000 };
      const { stdout } = await containerd.runtime.execToEnd(id, command, bounds);
      return Buffer.from(stdout).toString();
    };
    assert.equal(await run('cat', '/settings/color'), 'blue');
    story.configMaps.set('settings', { data: { color: 'red' } });
    await story.volumes.setUp(pod.pod);
    assert.equal(await run('cat', '/settings/color'), 'red');
    // The next start of a container follows no link that this one has left.
    await run('sh', '-c', 'cd /data && mv part gone && ln -s /proc part');
    await containerd.runtime.stopContainer(id, { graceMs: 0 });
    await assert.rejects(pod.start(container, 1), {
      name: 'PodError',
      message: 'failed to prepare subPath for volumeMount "data" of container "main"',
    });
    await pod.end();
    assert.deepEqual(await story.volumes.leftovers(), []);
    assert.deepEqual(await cgroups.leftovers(), []);
  });
});

function expectedLog(address: string): string {
  return `db
1000
2000
2000 3000
${address}\tdb.data.shop.svc.cluster.local\tdb

# Entries added by HostAliases.
192.0.2.9\tother
search shop.svc.cluster.local svc.cluster.local cluster.local example.com
nameserver 10.96.0.10
options ndots:5
lrwxrwxrwx root root ..data/key
lrwxrwxrwx root root ..data/labels
lrwxrwxrwx root root ..data/token
a.b.cs3cretapp="web"
-rw-r----- 1000 3000
drwxrwsrwx 3000
touch: /settings/x: Read-only file system
touch: /x: Read-only file system
1024
COLOR=dark ${address}
CPU=500
KUBERNETES_SERVICE_HOST=10.96.0.1
POD_IP=${address}
67108864
997
CapEff:\t0000000000000000
NoNewPrivs:\t1
Seccomp:\t2
`;
}
