import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { MachineFiles, MountPoint } from '@fairway/host';
import { nodejsMachineFiles as machine } from '@fairway/host/machine';
import { nodejsHost } from '@fairway/host/nodejs';
import type { PodSpec, ResourceRequirements } from '@fairway/kinds/core/v1';
import type { AnyPod } from '../pod-lifecycle/pod-containers.ts';
import type { ContainerResources } from '../runtime/container.ts';
import { cgroupTrees } from './cgroup-tree.ts';
import { podCgroups } from './pod-cgroups.ts';
import { podResources } from './pod-limits.ts';

const { files } = nodejsHost();
const isRoot = process.getuid?.() === 0 && process.platform === 'linux';
const asRoot = { skip: !isRoot && process.env['CI'] === undefined && 'not root on Linux' };

function podOf(resources: ResourceRequirements, spec: Partial<PodSpec> = {}, uid = 'u1'): AnyPod {
  return { metadata: { uid }, spec: { containers: [{ name: 'main', resources }], ...spec } };
}

const pidsMax = 4_096;
const limits = { cpu: '500m', memory: '64Mi' };

test('podResources() limits a pod where each of its containers is limited', () => {
  const quota = { cpuPeriodUs: 100_000, cpuQuotaUs: 50_000 };
  const noPages = { hugepageBytesMax: {}, pidsMax };
  const rows: [AnyPod, ContainerResources][] = [
    [podOf({}), { cpuShares: 2, pidsMax }],
    [
      podOf({ requests: limits, limits }),
      { cpuShares: 512, ...quota, memoryBytesMax: 67_108_864, ...noPages },
    ],
    [
      podOf({ limits }, { overhead: { cpu: '250m' } }),
      {
        cpuShares: 256,
        cpuPeriodUs: 100_000,
        cpuQuotaUs: 75_000,
        memoryBytesMax: 67_108_864,
        ...noPages,
      },
    ],
    [podOf({ requests: { cpu: '1' } }), { cpuShares: 1_024, ...noPages }],
    [
      podOf({ limits, requests: limits }, { initContainers: [{ name: 'init' }] }),
      { cpuShares: 512, ...noPages },
    ],
    [
      podOf({}, { resources: { limits, requests: { cpu: '250m' } } }),
      { cpuShares: 256, ...quota, memoryBytesMax: 67_108_864, ...noPages },
    ],
  ];
  for (const [pod, expected] of rows) assert.deepEqual(podResources(pod), expected);
});

test(
  'podCgroups() makes, limits and removes the cgroups of pods on this machine',
  asRoot,
  async () => {
    const root = `/fairway-test-${randomBytes(4).toString('hex')}`;
    const cgroups = await podCgroups({ machine, files, root });
    const trees = cgroupTrees(await machine.mounts());
    const pod = podOf({ requests: { cpu: '100m', memory: '8Mi' }, limits }, {}, 'a');
    try {
      await cgroups.make(pod);
      await cgroups.make(podOf({}, {}, 'b'));
      await cgroups.make(podOf({ requests: limits, limits }, {}, 'c'));
      assert.deepEqual([...(await cgroups.leftovers())].sort(), ['a', 'b', 'c']);
      const read = async (controller: string, v1: string, v2: string): Promise<string> => {
        const tree =
          trees.find(({ controllers }) => controllers.includes(controller)) ??
          trees.find(({ version }) => version === 'v2');
        const file = tree?.version === 'v1' ? v1 : v2;
        const path = join(tree?.path ?? '', root, 'burstable/poda', file);
        return (await readFile(path, 'utf8')).trim();
      };
      assert.equal(await read('memory', 'memory.limit_in_bytes', 'memory.max'), '67108864');
      assert.equal(await read('pids', 'pids.max', 'pids.max'), String(pidsMax));
      assert.match(await read('cpu', 'cpu.cfs_quota_us', 'cpu.max'), /^50000( 100000)?$/);
      await cgroups.make(podOf({ requests: { cpu: '100m' }, limits: { cpu: '1' } }, {}, 'a'));
      assert.match(await read('cpu', 'cpu.cfs_quota_us', 'cpu.max'), /^100000( 100000)?$/);
      assert.notEqual(await read('memory', 'memory.limit_in_bytes', 'memory.max'), '67108864');
      const shares = async (path: string): Promise<string> => {
        const tree = trees.find(({ controllers }) => controllers.includes('cpu')) ?? trees[0];
        const file = tree?.version === 'v1' ? 'cpu.shares' : 'cpu.weight';
        return (await readFile(join(tree?.path ?? '', root, path, file), 'utf8')).trim();
      };
      await cgroups.make(podOf({ requests: { cpu: '900m' } }, {}, 'd'));
      assert.match(await shares('burstable'), /^(1024|39)$/);
      assert.match(await shares('besteffort'), /^(2|1)$/);
      assert.ok(await cgroups.remove('d'));
      assert.match(await shares('burstable'), /^(102|4)$/);
      // As a runtime leaves it behind that was killed.
      for (const { path } of trees)
        await mkdir(join(path, root, 'burstable/poda/id'), { recursive: true });
      await cgroups.removeAll();
      for (const uid of ['a', 'b', 'c', 'c']) assert.ok(await cgroups.remove(uid));
    } finally {
      for (const uid of await cgroups.leftovers()) await cgroups.remove(uid);
      await cgroups.removeAll();
    }
    for (const { path } of trees) {
      assert.ok(!(await readdir(path)).includes(root.slice(1)), `a cgroup is left in ${path}`);
    }
  },
);

test('podCgroups() refuses a uid that leads elsewhere', asRoot, async () => {
  const cgroups = await podCgroups({ machine, files, root: '/fairway-none' });
  for (const uid of ['../..', '', 'a/b', 'a\nb']) {
    await assert.rejects(cgroups.make(podOf({}, {}, uid)), { name: 'PodError' });
    await assert.rejects(cgroups.remove(uid), { name: 'PodError' });
  }
});

/** A tree of version 2 as the kernel shows one, as files: this machine may not have its controllers. */
async function unifiedTree(directory: string): Promise<MachineFiles> {
  const mount: MountPoint = {
    path: directory,
    type: 'cgroup2',
    propagation: 'private',
    options: [],
  };
  const makeDirectory: MachineFiles['makeDirectory'] = async (path, mode) => {
    await machine.makeDirectory(path, mode);
    const limitFiles = ['cpu.weight', 'cpu.max', 'memory.max', 'pids.max'];
    for (const file of [...limitFiles, 'cgroup.subtree_control']) {
      await writeFile(join(path, file), '', { flag: 'a' });
    }
    await writeFile(join(path, 'cgroup.controllers'), 'cpu memory pids\n');
  };
  await makeDirectory(directory, 0o755);
  return { ...machine, makeDirectory, mounts: async () => [mount] };
}

test('podCgroups() hands controllers down a tree of version 2', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-cgroup-'));
  try {
    const cgroups = await podCgroups({
      machine: await unifiedTree(directory),
      files,
      root: '/agent',
    });
    await cgroups.make(podOf({ requests: { cpu: '100m' }, limits }));
    const read = (path: string): Promise<string> => readFile(join(directory, path), 'utf8');
    for (const folder of ['', 'agent', 'agent/burstable']) {
      assert.equal(await read(join(folder, 'cgroup.subtree_control')), '+cpu +memory +pids');
    }
    assert.equal(await read('agent/burstable/podu1/cgroup.subtree_control'), '');
    assert.equal(await read('agent/burstable/podu1/cpu.weight'), '4');
    assert.equal(await read('agent/burstable/podu1/cpu.max'), '50000 100000');
    assert.equal(await read('agent/burstable/podu1/memory.max'), '67108864');
    assert.equal(await read('agent/burstable/podu1/pids.max'), String(pidsMax));
    await cgroups.make(podOf({}));
    assert.equal(await read('agent/besteffort/podu1/cpu.max'), 'max 100000');
  } finally {
    await rm(directory, { recursive: true });
  }
});
