import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import type { Container, Pod, PodSpec } from '@fairway/kinds/core/v1';
import { formatQuantity, parseQuantity } from '@fairway/protocol';
import { podRequests } from './pod-requests.ts';

const container = (requests: Record<string, string>, more: Partial<Container> = {}): Container => ({
  name: 'c',
  resources: { requests },
  ...more,
});
const requestsOf = (pod: Pod, options?: Parameters<typeof podRequests>[1]) =>
  Object.fromEntries(
    [...podRequests(pod, options)].map(([name, amount]) => [name, formatQuantity(amount)]),
  );
const ofSpec = (spec: Partial<PodSpec>) =>
  requestsOf({ spec: { containers: [container({ cpu: '1' })], ...spec } });

test('containers run together, and init containers one after the other before them', () => {
  deepEqual(requestsOf({}), {});
  deepEqual(
    ofSpec({ containers: [container({ cpu: '500m', memory: '1Gi' }), container({ cpu: '1' })] }),
    { cpu: '1500m', memory: '1Gi' },
  );
  deepEqual(
    ofSpec({ initContainers: [container({ cpu: '3' }), container({ cpu: '2', memory: '1M' })] }),
    { cpu: '3', memory: '1M' },
  );
});

test('a sidecar runs beside what starts after it, and beside the containers', () => {
  const sidecar = container({ cpu: '2' }, { restartPolicy: 'Always' });
  deepEqual(ofSpec({ initContainers: [sidecar] }), { cpu: '3' });
  deepEqual(ofSpec({ initContainers: [sidecar, container({ cpu: '4' })] }), { cpu: '6' });
  deepEqual(ofSpec({ initContainers: [container({ cpu: '4' }), sidecar] }), { cpu: '4' });
});

test("the pod's own requests count instead of its containers', and its overhead besides", () => {
  deepEqual(
    ofSpec({
      containers: [container({ cpu: '1', 'example.com/gpu': '1' })],
      resources: { requests: { cpu: '4', memory: '1Gi' } },
      overhead: { memory: '1Gi' },
    }),
    { cpu: '4', 'example.com/gpu': '1', memory: '2Gi' },
  );
});

test('a container that is resized counts with the larger of what it has and shall have', () => {
  const resized = (wanted: string, held: string, isInfeasible = false): Pod => ({
    spec: { containers: [container({ cpu: wanted })] },
    status: {
      ...(isInfeasible
        ? { conditions: [{ type: 'PodResizePending', status: 'True', reason: 'Infeasible' }] }
        : {}),
      containerStatuses: [
        {
          name: 'c',
          image: '',
          imageID: '',
          ready: true,
          restartCount: 0,
          resources: { requests: { cpu: held } },
          allocatedResources: { cpu: held },
        },
      ],
    },
  });
  deepEqual(requestsOf(resized('2', '1')), { cpu: '2' });
  deepEqual(requestsOf(resized('1', '2')), { cpu: '2' });
  deepEqual(requestsOf(resized('8', '2', true)), { cpu: '2' });
});

test('a container that says nothing counts with what is given for it', () => {
  const cpu = parseQuantity('100m');
  const missing = new Map(cpu === undefined ? [] : [['cpu', cpu]]);
  const pod: Pod = { spec: { containers: [container({}), container({ cpu: '1' })] } };
  deepEqual(requestsOf(pod, { missing }), { cpu: '1100m' });
});
