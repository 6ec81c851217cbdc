import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PersistentVolumeClaim, Pod, ResourceQuota, Service } from '@fairway/kinds/core/v1';
import type { ResourceClaim } from '@fairway/kinds/resource/v1';
import { formatQuantity } from '@fairway/protocol';
import { quotaUsage } from './quota-usage.ts';

interface Given {
  readonly pods?: readonly Pod[];
  readonly services?: readonly Service[];
  readonly claims?: readonly PersistentVolumeClaim[];
  readonly deviceClaims?: readonly ResourceClaim[];
}

async function usedOf(
  names: readonly string[],
  given: Given,
  scopes: Omit<NonNullable<ResourceQuota['spec']>, 'hard'> = {},
): Promise<Readonly<Record<string, string>>> {
  const hard = Object.fromEntries(names.map((name) => [name, '1']));
  const content = {
    pods: () => given.pods ?? [],
    services: () => given.services ?? [],
    claims: () => given.claims ?? [],
    deviceClaims: async () => given.deviceClaims ?? [],
    count: async (resource: string) => (resource === 'widgets.example.com' ? 7 : undefined),
  };
  const usage = await quotaUsage({ spec: { hard, ...scopes } }, content, { nowMs: 0 });
  return Object.fromEntries([...usage].map(([name, amount]) => [name, formatQuantity(amount)]));
}

function pod(
  requests: Readonly<Record<string, string>>,
  more: { readonly spec?: object; readonly status?: object } = {},
): Pod {
  const resources = { requests, limits: requests };
  const containers = [{ name: 'main', image: 'a', resources }];
  const status = { phase: 'Running', qosClass: 'Burstable', ...more.status };
  return { spec: { containers, ...more.spec }, status } as Pod;
}

test('pods count with what they ask for, and those that have ended as objects only', async () => {
  const pods = [
    pod({ cpu: '500m', memory: '64Mi', 'example.com/gpu': '1', 'hugepages-2Mi': '2Mi' }),
    pod({ cpu: '1', memory: '64Mi' }),
    pod({ cpu: '8' }, { status: { phase: 'Succeeded' } }),
  ];
  const names = ['pods', 'count/pods', 'cpu', 'requests.cpu', 'limits.memory', 'hugepages-2Mi'];
  const used = await usedOf([...names, 'requests.example.com/gpu', 'requests.storage'], { pods });
  assert.deepEqual(used, {
    'count/pods': '3',
    cpu: '1500m',
    'hugepages-2Mi': '2Mi',
    'limits.memory': '128Mi',
    pods: '2',
    'requests.cpu': '1500m',
    'requests.example.com/gpu': '1',
    'requests.storage': '0',
  });
});

test('scopes say which pods count, and nothing else counts with one', async () => {
  const pods = [
    pod({}, { status: { qosClass: 'BestEffort' } }),
    pod({ cpu: '1' }, { spec: { activeDeadlineSeconds: 5, priorityClassName: 'high' } }),
    pod({ cpu: '2' }, { spec: { priorityClassName: 'low' } }),
  ];
  const podsIn = async (scopes: Parameters<typeof usedOf>[2]): Promise<string | undefined> =>
    (await usedOf(['pods'], { pods }, scopes))['pods'];
  assert.equal(await podsIn({ scopes: ['BestEffort'] }), '1');
  assert.equal(await podsIn({ scopes: ['NotBestEffort', 'NotTerminating'] }), '1');
  assert.equal(await podsIn({ scopes: ['Terminating'] }), '1');
  assert.equal(await podsIn({ scopes: ['PriorityClass'] }), '2');
  const selector = { scopeName: 'PriorityClass', operator: 'In', values: ['high'] } as const;
  assert.equal(await podsIn({ scopeSelector: { matchExpressions: [selector] } }), '1');
  const others = { pods, services: [{ spec: { type: 'NodePort' } } as Service] };
  const used = await usedOf(['services', 'count/widgets.example.com'], others, {
    scopes: ['BestEffort'],
  });
  assert.deepEqual(used, { services: '0', 'count/widgets.example.com': '0' });
});

test('services, claims by class and other objects are counted; what nobody knows is left out', async () => {
  const ports = [{ port: 1, nodePort: 30_001 }, { port: 2 }];
  const services: readonly Service[] = [
    { spec: { type: 'ClusterIP', ports } },
    { spec: { type: 'NodePort', ports } },
    { spec: { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, ports } },
  ];
  const claim = (storage: string, storageClassName?: string): PersistentVolumeClaim => ({
    spec: {
      resources: { requests: { storage } },
      ...(storageClassName === undefined ? {} : { storageClassName }),
    },
  });
  const claims = [claim('1Gi'), claim('2Gi', 'gold')];
  const gold = 'gold.storageclass.storage.k8s.io';
  const names = ['services', 'services.nodeports', 'services.loadbalancers', 'requests.storage'];
  const rest = [`${gold}/requests.storage`, `${gold}/persistentvolumeclaims`];
  const counted = ['count/widgets.example.com', 'count/nothing', 'secrets'];
  assert.deepEqual(await usedOf([...names, ...rest, ...counted], { services, claims }), {
    'count/widgets.example.com': '7',
    [`${gold}/persistentvolumeclaims`]: '1',
    [`${gold}/requests.storage`]: '2Gi',
    'requests.storage': '3Gi',
    services: '3',
    'services.loadbalancers': '1',
    'services.nodeports': '3',
  });
});

test('claims of devices count with the most that they may get, by class', async () => {
  const claim = (...requests: readonly object[]): ResourceClaim =>
    ({ spec: { devices: { requests } } }) as ResourceClaim;
  const gpu = (more: object): object => ({ deviceClassName: 'gpu', ...more });
  const exact = { allocationMode: 'ExactCount', count: 2 };
  const deviceClaims = [
    claim({ name: 'a', exactly: gpu(exact) }, { name: 'b', exactly: gpu({}) }),
    claim({ name: 'c', exactly: { deviceClassName: 'nic', allocationMode: 'All' } }),
    claim({
      name: 'd',
      firstAvailable: [gpu({ name: 'x', count: 1 }), gpu({ name: 'y', ...exact })],
    }),
  ];
  const ofClass = (name: string): string => `${name}.deviceclass.resource.k8s.io/devices`;
  const names = [ofClass('gpu'), ofClass('nic'), 'count/resourceclaims.resource.k8s.io'];
  assert.deepEqual(await usedOf(names, { deviceClaims }), {
    'count/resourceclaims.resource.k8s.io': '3',
    [ofClass('gpu')]: '5',
    [ofClass('nic')]: '32',
  });
});
