import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubernetesObject } from '@fairway/protocol';
import fc from 'fast-check';
import {
  decodeStored,
  decodeStoredLabels,
  decodeStoredMetadata,
  encodeConverted,
  encodeForStore,
  itemOffset,
  stampResourceVersion,
} from './object-bytes.ts';

const uid = '0ced4ad6-82ce-4fae-a588-a3f706b76e24';
const tricky = '"uid":"x","metadata":{"resourceVersion":"7"} \\" } {';

/** Any object, with texts that look like the marks that stamping searches for. */
const objects = fc.record({
  kind: fc.constant('ConfigMap'),
  apiVersion: fc.constant('v1'),
  metadata: fc.record({
    name: fc.constantFrom('a', 'a-b.c'),
    namespace: fc.constant('default'),
    uid: fc.constant(uid),
    resourceVersion: fc.constant('3'),
    annotations: fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.constant(tricky))),
    labels: fc.dictionary(fc.string(), fc.string()),
  }),
  data: fc.dictionary(fc.string(), fc.oneof(fc.string({ unit: 'binary' }), fc.constant(tricky))),
});

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test('stampResourceVersion() changes nothing but the version, however often', () => {
  fc.assert(
    fc.property(objects, fc.nat(), fc.nat(), (object, first, second) => {
      const stored = encodeForStore(object);
      const stamped = stampResourceVersion(stampResourceVersion(stored, first), second);
      const metadata = { ...object.metadata, resourceVersion: String(second) };
      assert.deepEqual(decodeStored(stamped), plain({ ...object, metadata }));
    }),
  );
});

test('decodeStoredMetadata() reads the metadata as a whole decode would', () => {
  fc.assert(
    fc.property(objects, (object) => {
      const stored = stampResourceVersion(encodeForStore(object), 12);
      assert.deepEqual(decodeStoredMetadata(stored), decodeStored(stored).metadata);
    }),
  );
});

test('decodeStoredLabels() reads the labels as a whole decode would', () => {
  fc.assert(
    fc.property(objects, fc.dictionary(fc.string(), fc.string()), (object, labels) => {
      const annotations = { labels: '{"labels":{}}' };
      const { labels: _, ...others } = { ...object.metadata, annotations };
      const labelled = encodeForStore({ ...object, metadata: { ...others, labels } });
      assert.deepEqual(decodeStoredLabels(stampResourceVersion(labelled, 12)), plain(labels));
      assert.deepEqual(decodeStoredLabels(encodeForStore({ ...object, metadata: others })), {});
    }),
  );
});

test('encodeForStore() keeps its order, also for fields that look like numbers or have no place', () => {
  const metadata = {
    annotations: { a: tricky },
    uid,
    7: tricky,
    zone: 'x',
    resourceVersion: '3',
    name: 'a',
  };
  const spec = { 2: 'two', one: 1 };
  for (const [object, text] of [
    [
      { spec, metadata: { uid, name: 'a' }, apiVersion: 'v1', kind: 'A' },
      `{"kind":"A","apiVersion":"v1","metadata":{"name":"a","uid":"${uid}"},"spec":{"2":"two","one":1}}`,
    ],
    [
      { 5: 'x', metadata: { uid, name: 'a' }, apiVersion: 'v1', kind: 'A' },
      `{"kind":"A","apiVersion":"v1","metadata":{"name":"a","uid":"${uid}"},"5":"x"}`,
    ],
    [
      { metadata, apiVersion: 'v1', kind: 'A' },
      `{"kind":"A","apiVersion":"v1","metadata":{"name":"a","uid":"${uid}","annotations":${JSON.stringify({ a: tricky })},"7":${JSON.stringify(tricky)},"zone":"x"}}`,
    ],
  ] as const) {
    assert.equal(String(encodeForStore(object as KubernetesObject)), text);
  }
});

test('itemOffset() finds where an item of a list begins', () => {
  const object = {
    kind: 'Lease',
    apiVersion: 'coordination.k8s.io/v1',
    metadata: { name: 'a', uid },
  };
  const stored = Buffer.from(encodeForStore(object));
  const offset = itemOffset({ kind: 'Lease' }, 'coordination.k8s.io/v1');
  assert.deepEqual(JSON.parse(`{${stored.subarray(offset).toString()}`), {
    metadata: object.metadata,
  });
});

test('stampResourceVersion() leaves values alone that are no objects', () => {
  const value = Buffer.from('{"namespace":"default","name":"web"}');
  assert.equal(stampResourceVersion(value, 5), value);
});

test('encodeConverted() writes what encodeForStore() wrote, whatever came first in the object', () => {
  fc.assert(
    fc.property(objects, fc.boolean(), (object, isMixed) => {
      const stored = stampResourceVersion(encodeForStore({ ...object, 10: 'x' } as object), 5);
      const { kind = '', ...rest } = decodeStored(stored);
      const converted = isMixed ? { ...rest, kind } : decodeStored(stored);
      assert.equal(String(encodeConverted(converted)), String(stored));
      const plainObject = decodeStored(stampResourceVersion(encodeForStore(object), 5));
      const bytes = stampResourceVersion(encodeForStore(plainObject), 5);
      assert.equal(String(encodeConverted(plainObject)), String(bytes));
    }),
  );
});
