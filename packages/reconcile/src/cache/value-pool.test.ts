import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ValuePool } from './value-pool.ts';

test('ValuePool leaves every value as it reads, whatever came before', () => {
  const value = fc.object({ maxDepth: 4, maxKeys: 4, values: jsonValues() });
  fc.assert(
    fc.property(fc.array(value, { maxLength: 20 }), (values) => {
      const pool = new ValuePool({ countMax: 8 });
      for (const each of [...values, ...values]) {
        const text = JSON.stringify(each);
        const copy = JSON.parse(text) as object;
        pool.intern(copy);
        assert.equal(JSON.stringify(copy), text);
      }
    }),
  );
});

test('ValuePool shares the parts that objects have in common', () => {
  const pool = new ValuePool();
  const text = '{"name":"NAME","spec":{"tolerations":[{"key":"not-ready","seconds":300}]}}';
  const pods = ['one', 'two', 'three', 'four'].map((name) => {
    const pod = JSON.parse(text.replace('NAME', name)) as { name: string; spec: object };
    pool.intern(pod);
    return pod;
  });
  // The first sight of a string tells nothing, and the second makes the copy that is shared.
  assert.equal(pods[3]?.spec, pods[1]?.spec);
  assert.deepEqual(
    pods.map(({ name }) => name),
    ['one', 'two', 'three', 'four'],
  );
});

test('ValuePool takes nothing for the same that differs in order, kind or absence', () => {
  const pool = new ValuePool();
  const texts = [
    '{"a":{"x":1,"y":2}}',
    '{"a":{"y":2,"x":1}}',
    '{"a":[1,2]}',
    '{"a":{"x":1.5,"y":2}}',
  ];
  for (let round = 0; round < 3; round++) {
    for (const text of texts) {
      const value = JSON.parse(text) as object;
      pool.intern(value);
      assert.equal(JSON.stringify(value), text);
    }
  }
});

function jsonValues() {
  return [
    fc.string({ maxLength: 3 }),
    fc.integer({ min: -2, max: 2 }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
  ];
}
