import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { rowOf } from '../../test/row-of.ts';
import { componentStatuses } from './component-statuses.ts';

test('componentStatuses show what a component says of its health', () => {
  const shown = (...conditions: readonly object[]) => rowOf(componentStatuses, { conditions });
  deepEqual(shown(), { Status: 'Unknown', Message: '', Error: '' });
  deepEqual(shown({ type: 'Healthy', status: 'True', message: 'ok' }), {
    Status: 'Healthy',
    Message: 'ok',
    Error: '',
  });
  deepEqual(shown({ type: 'Healthy', status: 'False', error: 'refused' }), {
    Status: 'Unhealthy',
    Message: '',
    Error: 'refused',
  });
});
