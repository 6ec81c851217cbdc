import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { rowOf } from '../../test/row-of.ts';
import { apiServices } from './api-services.ts';

test('apiServices show who serves them', () => {
  deepEqual(rowOf(apiServices, {}), { Service: 'Local', Available: 'Unknown' });
  const service = { namespace: 'kube-system', name: 'metrics' };
  equal(rowOf(apiServices, { spec: { service } })['Service'], 'kube-system/metrics');
});

test('apiServices show why they are not available', () => {
  const shown = (condition: object) => {
    const conditions = [{ type: 'Available', ...condition }];
    return rowOf(apiServices, { status: { conditions } })['Available'];
  };
  equal(shown({ status: 'True', reason: 'Passed' }), 'True');
  equal(shown({ status: 'False', reason: 'MissingEndpoints' }), 'False (MissingEndpoints)');
  equal(shown({ status: 'False' }), 'False');
});
