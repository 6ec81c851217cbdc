import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { MountPoint } from '@fairway/host';
import { nodejsMachineFiles as machine } from '@fairway/host/machine';
import { nodejsHost } from '@fairway/host/nodejs';
import type { Container, FileKeySelector, PodSpec, VolumeMount } from '@fairway/kinds/core/v1';
import { exampleNode } from '../../test/example-node.ts';
import type { PodSources } from '../sources/pod-sources.ts';
import type { ContainerConfig } from '../runtime/container.ts';
import type { MountedVolume } from '../volumes/mounted-volume.ts';
import { containerConfig } from './container-config.ts';

const isRoot = process.getuid?.() === 0 && process.platform === 'linux';
const asRoot = { skip: !isRoot && process.env['CI'] === undefined && 'not root on Linux' };

const sources: PodSources = {
  configMap: async () => undefined,
  secret: async () => undefined,
  services: async () => [
    {
      metadata: { name: 'kubernetes', namespace: 'default' },
      spec: { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443 }] },
    },
  ],
};

type Propagation = NonNullable<VolumeMount['mountPropagation']>;

interface Story extends AsyncDisposable {
  /** In place of what is mounted on this machine. */
  mounts?: readonly MountPoint[];
  readonly volume: string;
  readonly root: string;
  config(container?: Partial<Container>, spec?: Partial<PodSpec>): Promise<ContainerConfig>;
}

async function openStory(): Promise<Story> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-config-'));
  const [root, volume] = [join(directory, 'root'), join(directory, 'volume')];
  await mkdir(volume);
  const volumes = new Map<string, MountedVolume>([
    ['data', { hostPath: volume, isReadOnly: false, kind: 'emptyDir' }],
    ['settings', { hostPath: volume, isReadOnly: true, kind: 'configMap' }],
  ]);
  const story: Story = {
    root,
    volume,
    config(parts = {}, spec = {}) {
      const container = { name: 'main', image: 'web', ...parts };
      return containerConfig({
        pod: {
          metadata: { name: 'web-0', namespace: 'shop', uid: 'u1' },
          spec: { containers: [container], ...spec },
        },
        container,
        image: { id: 'sha256:1', tags: [], digests: [], sizeBytes: 1, isPinned: false },
        attempt: 3,
        volumes,
        podAddresses: ['10.1.0.2'],
        sources,
        node: { ...exampleNode, rootDirectory: root },
        machine: { ...machine, mounts: async () => story.mounts ?? (await machine.mounts()) },
        files: nodejsHost().files,
      });
    },
    async [Symbol.asyncDispose]() {
      for (const { path } of await machine.mountsWithin(directory)) await machine.unmount(path);
      await rm(directory, { recursive: true });
    },
  };
  return story;
}

test('containerConfig() has all that a kubelet says of a plain container', asRoot, async () => {
  await using story = await openStory();
  const { mounts, security, resources, environment, ...rest } = await story.config({
    command: ['serve', '$(POD)'],
    args: ['--cpu=$(CPU)'],
    env: [
      { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
      { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1m' } } },
      { name: 'HOST', valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } } },
    ],
    ports: [{ containerPort: 80 }],
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    lifecycle: { preStop: { exec: { command: ['true'] } } },
  });
  assert.deepEqual(rest, {
    name: 'main',
    attempt: 3,
    imageId: 'sha256:1',
    image: 'web',
    command: ['serve', '10.1.0.2'],
    args: ['--cpu=3500'],
    labels: {
      'io.kubernetes.pod.name': 'web-0',
      'io.kubernetes.pod.namespace': 'shop',
      'io.kubernetes.pod.uid': 'u1',
      'io.kubernetes.container.name': 'main',
    },
    annotations: {
      'io.kubernetes.container.hash': '7e65599e',
      'io.kubernetes.container.restartCount': '3',
      'io.kubernetes.container.terminationMessagePath': '/dev/termination-log',
      'io.kubernetes.container.terminationMessagePolicy': 'File',
      'io.kubernetes.container.preStopHandler': '{"exec":{"command":["true"]}}',
      'io.kubernetes.container.ports': '[{"containerPort":80}]',
    },
    logPath: 'main/3.log',
    stdin: false,
    stdinOnce: false,
    tty: false,
  });
  assert.equal(environment['KUBERNETES_SERVICE_HOST'], '10.96.0.1');
  assert.equal(environment['HOST'], '192.0.2.1');
  assert.equal(security.runAsUser, 0);
  // What the node has stands in for a limit in its variables only.
  assert.deepEqual([resources.cpuQuotaUs, resources.oomScoreAdjustment], [0, 1_000]);
  const [hosts, log] = mounts;
  const pod = join(story.root, 'pods/u1');
  const own = { isReadOnly: false, propagation: 'private' };
  const hostsPath = { containerPath: '/etc/hosts', hostPath: join(pod, 'etc-hosts') };
  assert.deepEqual(hosts, { ...hostsPath, ...own });
  const logPath = join(pod, 'containers/main/3');
  assert.deepEqual(log, { containerPath: '/dev/termination-log', hostPath: logPath, ...own });
  assert.equal((await stat(logPath)).mode & 0o777, 0o666);
  assert.match(await readFile(join(pod, 'etc-hosts'), 'utf8'), /\n10\.1\.0\.2\tweb-0\n$/);
});

test(
  'containerConfig() mounts volumes and parts of them, and leaves /etc/hosts to who brings one',
  asRoot,
  async () => {
    await using story = await openStory();
    await mkdir(join(story.volume, 'real'));
    await writeFile(join(story.volume, 'real/hosts'), 'own');
    await symlink('real', join(story.volume, 'link'));
    const config: Partial<Container> = {
      env: [{ name: 'PART', value: 'web-0' }],
      volumeMounts: [
        { name: 'data', mountPath: 'data' },
        { name: 'settings', mountPath: '/settings', mountPropagation: 'None' },
        { name: 'data', mountPath: '/part', subPathExpr: 'logs/$(PART)', readOnly: true },
        { name: 'data', mountPath: '/etc/hosts', subPath: 'link/hosts' },
      ],
    };
    // The second time as for a container that starts again.
    for (let attempt = 0; attempt < 2; attempt++) {
      const { mounts } = await story.config(config);
      const subPath = (index: number): string =>
        join(story.root, 'pods/u1/volume-subpaths/data/main', String(index));
      assert.deepEqual(
        mounts.map(({ containerPath, hostPath, isReadOnly }) => [
          containerPath,
          hostPath,
          isReadOnly,
        ]),
        [
          ['/data', story.volume, false],
          ['/settings', story.volume, true],
          ['/part', subPath(2), true],
          ['/etc/hosts', subPath(3), false],
        ],
      );
      assert.equal(await readFile(subPath(3), 'utf8'), 'own');
      assert.deepEqual(await readdir(subPath(2)), []);
      await writeFile(join(subPath(2), 'file'), '');
      assert.deepEqual(await readdir(join(story.volume, 'logs/web-0')), ['file']);
      await rm(join(story.volume, 'logs/web-0/file'));
    }
    assert.equal((await machine.mountsWithin(story.root)).length, 2);
  },
);

test(
  'containerConfig() refuses what cannot be mounted, in the words of a kubelet',
  asRoot,
  async () => {
    await using story = await openStory();
    await symlink(tmpdir(), join(story.volume, 'etc'));
    const mount = { name: 'data', mountPath: '/data' };
    const rows: [Partial<Container>, string | RegExp][] = [
      [
        { volumeMounts: [{ name: 'none', mountPath: '/x' }] },
        'cannot find volume "none" to mount into container "main"',
      ],
      [
        { volumeMounts: [{ ...mount, subPath: '/etc' }] },
        'error SubPath `/etc` must not be an absolute path',
      ],
      [
        { volumeMounts: [{ ...mount, subPath: 'a/../..' }] },
        "unable to provision SubPath `a/../..`: must not contain '..'",
      ],
      [{ volumeMounts: [{ ...mount, subPathExpr: '$(NONE)' }] }, 'missing value for "NONE"'],
      [
        { volumeMounts: [{ ...mount, subPath: 'etc/new' }] },
        'failed to prepare subPath for volumeMount "data" of container "main"',
      ],
      [
        { volumeMounts: [{ ...mount, recursiveReadOnly: 'Enabled' }] },
        /^failed to resolve recursive/,
      ],
      [
        { volumeMounts: [{ ...mount, mountPropagation: 'Odd' as Propagation }] },
        'invalid MountPropagation mode: "Odd"',
      ],
      [
        { volumeDevices: [{ name: 'disk', devicePath: '/dev/x' }] },
        /^cannot find volume "disk" to pass/,
      ],
      [{ env: [{ name: 'A', value: 'a\0b' }] }, /^variable A holds a zero byte/],
      [{ name: '../../up' }, /^the name of a container "..\/..\/up" cannot be/],
      [{ name: 'a\nb' }, /^the name of a container "a\\nb" cannot be/],
      [
        { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'none', key: 'k' } } }] },
        'configmap "none" not found',
      ],
    ];
    for (const [container, message] of rows) {
      await assert.rejects(story.config(container), { name: 'PodError', message });
    }
  },
);

test('containerConfig() propagates mounts only where the machine shares them', asRoot, async () => {
  await using story = await openStory();
  const mount = { name: 'data', mountPath: '/d' };
  const at = (path: string, propagation: MountPoint['propagation']): MountPoint => ({
    path,
    propagation,
    type: 'ext4',
    options: [],
  });
  const rows: [Propagation, readonly MountPoint[], string | undefined][] = [
    ['HostToContainer', [at('/', 'shared')], 'host-to-container'],
    ['HostToContainer', [at('/', 'slave')], 'host-to-container'],
    ['HostToContainer', [at('/', 'private')], undefined],
    ['Bidirectional', [at('/', 'private'), at(story.volume, 'shared')], 'bidirectional'],
    ['Bidirectional', [at('/', 'shared'), at(story.volume, 'slave')], undefined],
    ['Bidirectional', [at('/', 'shared'), at(`${story.volume}-2`, 'private')], 'bidirectional'],
    ['Bidirectional', [at('/', 'shared'), at('/', 'private')], undefined],
  ];
  for (const [mountPropagation, mounts, expected] of rows) {
    story.mounts = mounts;
    const pending = story.config({ volumeMounts: [{ ...mount, mountPropagation }] });
    if (expected !== undefined) assert.equal((await pending).mounts[0]?.propagation, expected);
    else {
      const message =
        /^path ".*" is mounted on ".*" but it is not a shared mount; run: mount --make-rshared \//;
      await assert.rejects(pending, { name: 'PodError', message });
    }
  }
});

test(
  'containerConfig() takes variables from files that a container has written',
  asRoot,
  async () => {
    await using story = await openStory();
    await writeFile(join(story.volume, 'config.env'), "ADDRESS='db:5432'\nEMPTY=''\n");
    await writeFile(join(story.volume, 'odd.env'), 'A=1');
    await symlink('/etc/passwd', join(story.volume, 'link.env'));
    const variables = async (key: string, rest: Partial<FileKeySelector> = {}) => {
      const fileKeyRef = { volumeName: 'data', path: 'config.env', key, ...rest };
      const config = await story.config({ env: [{ name: 'V', valueFrom: { fileKeyRef } }] });
      return config.environment['V'];
    };
    assert.equal(await variables('ADDRESS'), 'db:5432');
    assert.equal(await variables('EMPTY'), '');
    assert.equal(await variables('NONE', { optional: true }), undefined);
    assert.equal(await variables('A', { path: 'none.env', optional: true }), undefined);
    const rows: [Partial<FileKeySelector>, string][] = [
      [{}, 'environment variable key "NONE" not found in file "config.env"'],
      [{ path: 'none.env' }, 'there is no file "none.env" in volume data'],
      [{ volumeName: 'x' }, 'cannot find the volume "x" referenced by FileKeyRef'],
      [
        { path: 'odd.env' },
        'couldn\'t parse env file: invalid environment variable format at line 1 of "odd.env"',
      ],
      [
        { path: 'link.env', optional: true },
        'couldn\'t parse env file: "link.env" is no file of volume data of 65536 bytes at the most',
      ],
    ];
    for (const [rest, message] of rows) {
      await assert.rejects(variables('NONE', rest), { name: 'PodError', message });
    }
  },
);
