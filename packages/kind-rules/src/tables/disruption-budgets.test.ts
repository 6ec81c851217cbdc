import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { rowOf } from '../../test/row-of.ts';
import { podDisruptionBudgets } from './disruption-budgets.ts';

test('podDisruptionBudgets show numbers and percentages', () => {
  const allowed = { status: { disruptionsAllowed: 1 } };
  deepEqual(rowOf(podDisruptionBudgets, { spec: { minAvailable: 0 }, ...allowed }), {
    'Min Available': '0',
    'Max Unavailable': 'N/A',
    'Allowed Disruptions': 1,
  });
  deepEqual(rowOf(podDisruptionBudgets, { spec: { maxUnavailable: '50%' }, ...allowed }), {
    'Min Available': 'N/A',
    'Max Unavailable': '50%',
    'Allowed Disruptions': 1,
  });
});
