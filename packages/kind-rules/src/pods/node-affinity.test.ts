import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { NodeSelectorTerm, PodSpec } from '@fairway/kinds/core/v1';
import { matchesNodeAffinity, matchesNodeSelectorTerm } from './node-affinity.ts';

const node = { name: 'n1', labels: { zone: 'a', cores: '16', empty: '' } };

test('a term selects a node when all that it asks holds', () => {
  const cases: readonly (readonly [NodeSelectorTerm, boolean])[] = [
    [{}, false],
    [{ matchExpressions: [{ key: 'zone', operator: 'In', values: ['a', 'b'] }] }, true],
    [{ matchExpressions: [{ key: 'zone', operator: 'NotIn', values: ['a'] }] }, false],
    [{ matchExpressions: [{ key: 'disk', operator: 'NotIn', values: ['a'] }] }, true],
    [{ matchExpressions: [{ key: 'empty', operator: 'Exists' }] }, true],
    [{ matchExpressions: [{ key: 'toString', operator: 'Exists' }] }, false],
    [{ matchExpressions: [{ key: 'disk', operator: 'DoesNotExist' }] }, true],
    [{ matchExpressions: [{ key: 'cores', operator: 'Gt', values: ['9'] }] }, true],
    [{ matchExpressions: [{ key: 'cores', operator: 'Lt', values: ['9'] }] }, false],
    [{ matchExpressions: [{ key: 'zone', operator: 'Gt', values: ['9'] }] }, false],
    [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] }, true],
    [{ matchFields: [{ key: 'metadata.name', operator: 'NotIn', values: ['n1'] }] }, false],
    [{ matchFields: [{ key: 'metadata.uid', operator: 'In', values: ['n1'] }] }, false],
    [
      {
        matchExpressions: [
          { key: 'zone', operator: 'Exists' },
          { key: 'cores', operator: 'Lt', values: ['9'] },
        ],
      },
      false,
    ],
  ];
  for (const [term, expected] of cases) {
    equal(matchesNodeSelectorTerm(term, node), expected, JSON.stringify(term));
  }
});

test('a pod matches by its selector and by one term of its affinity', () => {
  const affinityTo = (...zones: string[]): Pick<PodSpec, 'affinity'> => ({
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: zones.map((zone) => ({
            matchExpressions: [{ key: 'zone', operator: 'In', values: [zone] }],
          })),
        },
      },
    },
  });
  equal(matchesNodeAffinity({}, node), true);
  equal(matchesNodeAffinity({ nodeSelector: { zone: 'a' } }, node), true);
  equal(matchesNodeAffinity({ nodeSelector: { zone: 'b' } }, node), false);
  equal(matchesNodeAffinity(affinityTo('b', 'a'), node), true);
  equal(matchesNodeAffinity(affinityTo('b'), node), false);
  equal(matchesNodeAffinity({ nodeSelector: { cores: '8' }, ...affinityTo('a') }, node), false);
});
