import assert from 'node:assert/strict';
import { test } from 'node:test';
import { schemaType } from '@fairway/cel';
import { RuleCosts } from './rule-costs.ts';

const type = schemaType({ type: 'object' }, 'object');
assert.ok(type !== undefined);

test('a rule is priced for every value that it may be held against', () => {
  const costs = new RuleCosts();
  const add = (cost: number, cardinality: number | 'unbounded'): string | undefined =>
    costs.add(cost, { field: 'rule', cardinality, type });
  assert.equal(add(10_000_000, 1), undefined);
  assert.match(add(13, 1_000_000) ?? '', /factor of 1\.300000x/);
  assert.match(add(20, 1_000_000) ?? '', /factor of 2\.0x/);
  assert.match(add(10, 'unbounded') ?? '', /factor of 1\.048576x/);
  assert.match(add(1_001, 1_000_000) ?? '', /factor of more than 100x/);
});

test('of rules that cost too much together the four that cost most are named', () => {
  const costs = new RuleCosts();
  for (const [field, cost] of Object.entries({
    a: 31e6,
    b: 33e6,
    c: 32e6,
    d: 2e6,
    e: 34e6,
    f: 10,
  })) {
    costs.add(cost, { field, cardinality: 1, type });
  }
  const fields = costs.errors('schema').map(({ field }) => field);
  assert.deepEqual(fields, ['e', 'b', 'c', 'a', 'schema']);
  assert.deepEqual(new RuleCosts().errors('schema'), []);
});
