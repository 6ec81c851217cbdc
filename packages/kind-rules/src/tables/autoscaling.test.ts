import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { rowOf } from '../../test/row-of.ts';
import { autoscalers, autoscalersOfVersion1 } from './autoscaling.ts';

const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
const cpu = (target: object) => ({ type: 'Resource', resource: { name: 'cpu', target } });
const measured = (current: object) => ({ type: 'Resource', resource: { name: 'cpu', current } });

function targets(metrics: readonly object[], currentMetrics?: readonly object[]): unknown {
  return rowOf(autoscalers, { spec: { metrics }, status: { currentMetrics } })['Targets'];
}

test('autoscalers show what they scale and between which bounds', () => {
  const spec = { scaleTargetRef, minReplicas: 2, maxReplicas: 9 };
  deepEqual(rowOf(autoscalers, { spec, status: { currentReplicas: 3, currentMetrics: null } }), {
    Reference: 'Deployment/web',
    Targets: '<none>',
    MinPods: '2',
    MaxPods: 9,
    Replicas: 3,
  });
  equal(rowOf(autoscalers, { spec: { scaleTargetRef } })['MinPods'], '<unset>');
});

test('autoscalers show each kind of target with what was measured', () => {
  const utilization = cpu({ type: 'Utilization', averageUtilization: 80 });
  equal(targets([utilization]), 'cpu: <unknown>/80%');
  equal(targets([utilization], [measured({ averageUtilization: 42 })]), 'cpu: 42%/80%');
  equal(targets([cpu({})]), 'cpu: <unknown>/<auto>');
  equal(
    targets([cpu({ averageValue: '1024Mi' })], [measured({ averageValue: '500m' })]),
    'cpu: 500m/1Gi',
  );
  const container = { name: 'memory', container: 'web', target: { averageUtilization: 60 } };
  equal(
    targets([{ type: 'ContainerResource', containerResource: container }]),
    'memory: <unknown>/60%',
  );
  const pods = { type: 'Pods', pods: { target: { averageValue: '1k' } } };
  equal(targets([pods], [{ type: 'Pods', pods: { current: { averageValue: '20' } } }]), '20/1k');
  const external = { type: 'External', external: { target: { averageValue: '5' } } };
  equal(targets([external], [{ external: { current: { averageValue: '3' } } }]), '3/5 (avg)');
  const whole = { type: 'Object', object: { target: { value: '5' } } };
  equal(targets([whole], [{ object: { current: { value: '3' } } }]), '3/5');
  equal(targets([{ type: 'Mood' }]), '<unknown type>');
});

test('autoscalers show two targets, and how many follow', () => {
  const memory = {
    type: 'Resource',
    resource: { name: 'memory', target: { averageUtilization: 1 } },
  };
  equal(
    targets([cpu({ averageUtilization: 80 }), memory, memory, memory]),
    'cpu: <unknown>/80%, memory: <unknown>/1% + 2 more...',
  );
});

test('autoscalersOfVersion1 show the same of the older form', () => {
  const spec = { scaleTargetRef, maxReplicas: 9, targetCPUUtilizationPercentage: 80 };
  const status = { currentReplicas: 3, currentCPUUtilizationPercentage: 42 };
  deepEqual(rowOf(autoscalersOfVersion1, { spec, status }), {
    Reference: 'Deployment/web',
    Targets: 'cpu: 42%/80%',
    MinPods: '<unset>',
    MaxPods: 9,
    Replicas: 3,
  });
});

test('autoscalersOfVersion1 bear any metrics that a caller may have annotated', () => {
  const hostile = { toString: 1 };
  const metrics = [
    cpu({ averageValue: hostile, averageUtilization: hostile }),
    { type: 'Resource', resource: { name: hostile, target: { averageUtilization: hostile } } },
  ];
  for (const annotated of [metrics, [null, 5], [{ type: 'Pods', pods: 5 }]]) {
    const annotations = { 'autoscaling.alpha.kubernetes.io/metrics': JSON.stringify(annotated) };
    equal(typeof rowOf(autoscalersOfVersion1, { metadata: { annotations } })['Targets'], 'string');
  }
});
