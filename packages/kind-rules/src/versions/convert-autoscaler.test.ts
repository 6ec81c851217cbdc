import assert from 'node:assert/strict';
import { test } from 'node:test';
import { autoscalerToVersion1, autoscalerToVersion2 } from './convert-autoscaler.ts';

const stored = {
  kind: 'HorizontalPodAutoscaler',
  apiVersion: 'autoscaling/v2',
  metadata: { name: 'web', annotations: { kept: 'yes' } },
  spec: {
    scaleTargetRef: { kind: 'Deployment', name: 'web' },
    maxReplicas: 5,
    metrics: [
      {
        type: 'Resource',
        resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
      },
      {
        type: 'Resource',
        resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } },
      },
    ],
    behavior: { scaleDown: { stabilizationWindowSeconds: 60 } },
  },
  status: {
    currentReplicas: 2,
    desiredReplicas: 3,
    currentMetrics: [
      {
        type: 'Resource',
        resource: { name: 'cpu', current: { averageUtilization: 40, averageValue: '1' } },
      },
    ],
  },
};

test('autoscalerToVersion1() shows CPU in its own fields and keeps the rest in annotations', () => {
  const served = autoscalerToVersion1(stored) as typeof stored & {
    spec: { targetCPUUtilizationPercentage: number };
    status: { currentCPUUtilizationPercentage: number };
  };
  assert.equal(served.apiVersion, 'autoscaling/v1');
  assert.equal(served.spec.targetCPUUtilizationPercentage, 80);
  assert.equal(served.status.currentCPUUtilizationPercentage, 40);
});

test('autoscalerToVersion2() takes back all that autoscalerToVersion1() put away', () => {
  const { spec, metadata } = autoscalerToVersion2(autoscalerToVersion1(stored)) as typeof stored;
  assert.deepEqual(spec, stored.spec);
  assert.deepEqual(metadata, stored.metadata);
});

test('autoscalerToVersion2() ignores an annotation that is no list', () => {
  const annotations = { 'autoscaling.alpha.kubernetes.io/metrics': '{oops' };
  const served = {
    apiVersion: 'autoscaling/v1',
    metadata: { annotations },
    spec: { maxReplicas: 1 },
  };
  assert.deepEqual((autoscalerToVersion2(served as object) as typeof stored).spec, {
    maxReplicas: 1,
  });
});
