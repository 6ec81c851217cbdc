import { strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { nodeFacts } from './node-facts.ts';

test('what a node does not have is the very same before and after a change of something else', () => {
  const before = nodeFacts({ metadata: { name: 'n1' } });
  const after = nodeFacts({ metadata: { name: 'n1' }, spec: { unschedulable: true } });
  strictEqual(after.taints, before.taints);
  strictEqual(after.labels, before.labels);
});
