import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { rowOf } from '../../test/row-of.ts';
import { flowSchemas, priorityLevelConfigurations } from './flow-control.ts';

test('flowSchemas show their priority level, and whether it is missing', () => {
  const spec = {
    priorityLevelConfiguration: { name: 'system' },
    matchingPrecedence: 500,
    distinguisherMethod: { type: 'ByUser' },
  };
  const status = { conditions: [{ type: 'Dangling', status: 'False' }] };
  const row = { PriorityLevel: 'system', MatchingPrecedence: 500, DistinguisherMethod: 'ByUser' };
  deepEqual(rowOf(flowSchemas, { spec, status }), { ...row, MissingPL: 'False' });
  deepEqual(rowOf(flowSchemas, {})['MissingPL'], '?');
});

test('priorityLevelConfigurations show their queues', () => {
  const queuing = { queues: 64, handSize: 6, queueLengthLimit: 50 };
  const limited = { nominalConcurrencyShares: 30, limitResponse: { type: 'Queue', queuing } };
  deepEqual(rowOf(priorityLevelConfigurations, { spec: { type: 'Limited', limited } }), {
    Type: 'Limited',
    NominalConcurrencyShares: 30,
    Queues: 64,
    HandSize: 6,
    QueueLengthLimit: 50,
  });
  deepEqual(rowOf(priorityLevelConfigurations, { spec: { type: 'Exempt', exempt: {} } }), {
    Type: 'Exempt',
    NominalConcurrencyShares: '<none>',
    Queues: '<none>',
    HandSize: '<none>',
    QueueLengthLimit: '<none>',
  });
});
