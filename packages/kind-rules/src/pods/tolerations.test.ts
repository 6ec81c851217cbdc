import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { Taint, Toleration } from '@fairway/kinds/core/v1';
import { repellingEffects, tolerates, untoleratedTaint } from './tolerations.ts';

const taint: Taint = { key: 'gpu', value: 'yes', effect: 'NoSchedule' };

test('a toleration is one for the taints that it names', () => {
  const cases: readonly (readonly [Toleration, boolean])[] = [
    [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }, true],
    [{ key: 'gpu', operator: 'Equal', value: 'yes' }, true],
    [{ key: 'gpu', value: 'no' }, false],
    [{ key: 'gpu' }, false],
    [{ key: 'gpu', operator: 'Exists' }, true],
    [{ key: 'gpu', operator: 'Exists', effect: 'NoExecute' }, false],
    [{ operator: 'Exists' }, true],
    [{ operator: 'Exists', effect: 'NoExecute' }, false],
    [{ key: 'cpu', operator: 'Exists' }, false],
    [{ key: 'gpu', operator: 'Gt', value: '1' }, false],
  ];
  for (const [toleration, expected] of cases) {
    equal(tolerates(toleration, taint), expected, JSON.stringify(toleration));
  }
  equal(tolerates({ key: 'gpu' }, { key: 'gpu', effect: 'NoSchedule' }), true);
});

test('untoleratedTaint finds the first that keeps a pod away', () => {
  const soft: Taint = { key: 'old', effect: 'PreferNoSchedule' };
  equal(untoleratedTaint([soft], [], repellingEffects), undefined);
  equal(untoleratedTaint([soft, taint], [], repellingEffects), taint);
  equal(untoleratedTaint([soft, taint], [{ operator: 'Exists' }], repellingEffects), undefined);
  equal(untoleratedTaint([soft, taint], [], ['PreferNoSchedule']), soft);
});
