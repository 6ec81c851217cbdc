import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '@fairway/kinds/core/v1';
import { byActivity, byLogging, inOrder } from './pod-order.ts';

function pod(name: string, parts: Record<string, unknown> = {}): Pod {
  const { node = 'n', phase = 'Running', ready = '2026-01-01T00:00:00Z', restarts = 0 } = parts;
  return {
    metadata: { name, creationTimestamp: '2026-01-01T00:00:00Z', ...(parts['metadata'] as object) },
    spec: { nodeName: node, containers: [] },
    status: {
      phase,
      conditions: [
        { type: 'Ready', status: ready === '' ? 'False' : 'True', lastTransitionTime: ready },
      ],
      containerStatuses: [{ name: 'c', restartCount: restarts }],
    },
  } as unknown as Pod;
}

test('inOrder() begins with the pod that kubectl would take', () => {
  const pods = [
    pod('unscheduled', { node: '', phase: 'Pending', ready: '' }),
    pod('unready', { ready: '' }),
    pod('younger', { metadata: { name: 'younger', creationTimestamp: '2026-01-02T00:00:00Z' } }),
    pod('restarted', { restarts: 3 }),
    pod('longest', { ready: '2025-01-01T00:00:00Z' }),
    pod('older'),
    pod('pending', { phase: 'Pending', ready: '' }),
  ];
  const names = (order: typeof byLogging): string =>
    inOrder(pods, order)
      .map(({ metadata }) => metadata?.name)
      .join(' ');
  assert.equal(names(byLogging), 'longest restarted older younger unready pending unscheduled');
  assert.equal(names(byActivity), 'longest older younger restarted unready pending unscheduled');
});
