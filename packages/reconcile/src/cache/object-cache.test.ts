import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReflectEvent } from '@fairway/client';
import type { KubernetesObject } from '@fairway/protocol';
import fc from 'fast-check';
import { formatKey, keyOf, parseKey } from './object-key.ts';
import { type Change, ObjectCache } from './object-cache.ts';

test('ObjectCache and its indexes follow any events as a plain model does', () => {
  const step = fc.record({
    kind: fc.constantFrom('Apply', 'Apply', 'Apply', 'Delete', 'Init', 'InitApply', 'InitDone'),
    name: fc.constantFrom('a', 'b', 'c'),
    uid: fc.constantFrom('1', '2'),
    colour: fc.constantFrom('red', 'blue', ''),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const cache = new ObjectCache<KubernetesObject>();
      cache.addIndex('colour', (object) => object.metadata?.labels?.['colour'] || undefined);
      const model = new Map<string, KubernetesObject>();
      let unconfirmed: Set<string> | undefined;
      const told = new Map<string, KubernetesObject>();
      steps.forEach(({ kind, name, uid, colour }, at) => {
        const object = made({ name, uid, colour, version: at + 1 });
        const event = eventOf(kind, object);
        for (const change of cache.apply(event)) tell(told, change);
        if (kind === 'Init') unconfirmed = new Set(model.keys());
        if (kind === 'Apply' || kind === 'InitApply') {
          model.set(name, object);
          unconfirmed?.delete(name);
        }
        if (kind === 'Delete') model.delete(name);
        if (kind === 'InitDone') {
          for (const each of unconfirmed ?? []) model.delete(each);
          unconfirmed = undefined;
        }
        assert.deepEqual([...cache.keys()].sort(), [...model.keys()].sort());
        for (const [key, held] of model) assert.equal(cache.get(key), held);
        assert.deepEqual(told, model);
        for (const each of ['red', 'blue']) {
          const expected = [...model.values()].filter(
            (o) => o.metadata?.labels?.['colour'] === each,
          );
          assert.deepEqual(new Set(cache.by('colour', each)), new Set(expected));
        }
      });
    }),
  );
});

test('ObjectCache tells nothing of an object that comes again as it is known', () => {
  const cache = new ObjectCache<KubernetesObject>();
  const object = made({ name: 'a', uid: '1', colour: '', version: 1 });
  assert.equal(cache.apply({ type: 'Apply', object }).length, 1);
  assert.deepEqual(cache.apply({ type: 'InitApply', object: { ...object } }), []);
  assert.equal(cache.get('a'), object);
});

test('ObjectCache tells of another object under the same name as an end and a beginning', () => {
  const cache = new ObjectCache<KubernetesObject>();
  const first = made({ name: 'a', uid: '1', colour: '', version: 1 });
  const second = made({ name: 'a', uid: '2', colour: '', version: 2 });
  cache.apply({ type: 'Apply', object: first });
  assert.deepEqual(cache.apply({ type: 'Apply', object: second }), [
    { type: 'deleted', object: first, isLastKnown: true },
    { type: 'added', object: second },
  ]);
});

test('parseKey() reads what formatKey() and keyOf() write', () => {
  for (const name of [
    { namespace: 'shop', name: 'a' },
    { namespace: '', name: 'node-1' },
  ]) {
    assert.deepEqual(parseKey(formatKey(name)), name);
  }
  assert.equal(keyOf({ metadata: { namespace: 'shop', name: 'a' } }), 'shop/a');
  assert.equal(keyOf({ metadata: { name: 'a' } }), 'a');
});

function eventOf(kind: string, object: KubernetesObject): ReflectEvent<KubernetesObject> {
  if (kind === 'Init') return { type: 'Init' };
  if (kind === 'InitDone') return { type: 'InitDone', resourceVersion: '1' };
  return { type: kind as 'Apply' | 'Delete' | 'InitApply', object };
}

function tell(told: Map<string, KubernetesObject>, change: Change<KubernetesObject>): void {
  const key = keyOf(change.object);
  assert.equal(told.has(key), change.type !== 'added');
  if (change.type === 'deleted') told.delete(key);
  else told.set(key, change.object);
}

function made(of: {
  name: string;
  uid: string;
  colour: string;
  version: number;
}): KubernetesObject {
  const { name, uid, colour, version } = of;
  return { metadata: { name, uid, resourceVersion: String(version), labels: { colour } } };
}
