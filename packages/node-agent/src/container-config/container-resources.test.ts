import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodSpec, ResourceRequirements } from '@fairway/kinds/core/v1';
import type { ContainerResources } from '../runtime/container.ts';
import { containerResources } from './container-resources.ts';
import { exampleNode } from '../../test/example-node.ts';

function resourcesOf(
  resources: ResourceRequirements,
  spec: Partial<PodSpec> = {},
): ContainerResources {
  const container = { name: 'main', resources };
  const pod = { spec: { containers: [container], ...spec } };
  return containerResources(pod, container, exampleNode);
}

test('containerResources() writes requests and limits in the words of the kernel', () => {
  assert.deepEqual(resourcesOf({}), {
    cpuPeriodUs: 100_000,
    cpuQuotaUs: 0,
    cpuShares: 2,
    oomScoreAdjustment: 1_000,
    hugepageBytesMax: { '2Mi': 0 },
  });
  const limits = { cpu: '1500m', memory: '64Mi', 'hugepages-2Mi': '4Mi' };
  assert.deepEqual(resourcesOf({ requests: { cpu: '250m', memory: '4Gi' }, limits }), {
    cpuPeriodUs: 100_000,
    cpuQuotaUs: 150_000,
    cpuShares: 256,
    memoryBytesMax: 67_108_864,
    oomScoreAdjustment: 500,
    hugepageBytesMax: { '2Mi': 4_194_304 },
  });
  const small = resourcesOf({ limits: { cpu: '1m' } });
  assert.deepEqual([small.cpuQuotaUs, small.cpuShares], [1_000, 2]);
  assert.equal(resourcesOf({ requests: { cpu: '1000' } }).cpuShares, 262_144);
  const ofPod = resourcesOf({}, { resources: { limits: { memory: '1Gi', cpu: '2' } } });
  assert.deepEqual([ofPod.memoryBytesMax, ofPod.cpuQuotaUs], [1_073_741_824, 200_000]);
});

test('containerResources() has the kernel end those first that asked for least', () => {
  const score = (resources: ResourceRequirements, spec?: Partial<PodSpec>): number | undefined =>
    resourcesOf(resources, spec).oomScoreAdjustment;
  const limits = { cpu: '1', memory: '1Gi' };
  assert.equal(score({ limits, requests: limits }), -997);
  assert.equal(score({}, { priority: 2_000_000_000 }), -997);
  assert.equal(score({ requests: { memory: '1' } }), 999);
  assert.equal(score({ requests: { memory: '8Gi' } }), 3);
  assert.equal(score({ requests: { cpu: '1' } }), 999);
  const sidecar = { name: 'main', restartPolicy: 'Always', resources: {} };
  const app = { name: 'app', resources: { requests: { memory: '4Gi' } } };
  assert.equal(score({}, { initContainers: [sidecar], containers: [app] }), 500);
  const halves = { resources: { requests: { memory: '4Gi' } } };
  assert.equal(score({}, halves), 500);
});
