import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { rowOf } from '../../test/row-of.ts';
import { namespaces, resourceQuotas } from './namespaces.ts';

test('namespaces show their phase', () => {
  deepEqual(rowOf(namespaces, { status: { phase: 'Terminating' } }), { Status: 'Terminating' });
});

test('resourceQuotas show limits apart from the rest, each in order', () => {
  const hard = { 'requests.cpu': '4', 'limits.memory': '2048Mi', 'limits.cpu': '8', pods: '10' };
  const used = { 'requests.cpu': '1500m', 'limits.cpu': '0' };
  deepEqual(rowOf(resourceQuotas, { status: { hard, used } }), {
    Request: 'pods: 0/10, requests.cpu: 1500m/4',
    Limit: 'limits.cpu: 0/8, limits.memory: 0/2Gi',
  });
});
