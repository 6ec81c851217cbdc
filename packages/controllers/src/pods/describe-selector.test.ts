import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeSelector } from './describe-selector.ts';

test('describeSelector() writes a selector as events show it', () => {
  const selector = {
    matchLabels: { b: '2', a: '1' },
    matchExpressions: [{ key: 'k', operator: 'In', values: ['x', 'y'] }],
  } as const;
  assert.equal(
    describeSelector(selector),
    '&LabelSelector{MatchLabels:map[string]string{a: 1,b: 2,},MatchExpressions:[]LabelSelectorRequirement{LabelSelectorRequirement{Key:k,Operator:In,Values:[x y],},},}',
  );
  assert.equal(describeSelector(undefined), 'nil');
});
