import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ResourceDescriptor } from '@fairway/protocol';
import {
  controllerOf,
  controllerReference,
  groupOf,
  isControlledBy,
  ownerReference,
  refersTo,
  withOwner,
} from './owner-references.ts';

const Web: ResourceDescriptor = {
  group: 'shop.example',
  version: 'v1',
  kind: 'Web',
  plural: 'webs',
  isNamespaced: true,
};
const owner = { metadata: { name: 'a', uid: 'u1' } };
const other = { metadata: { name: 'b', uid: 'u2' } };

test('controllerReference() names the owner, and says that it controls and waits', () => {
  assert.deepEqual(controllerReference(Web, owner), {
    apiVersion: 'shop.example/v1',
    kind: 'Web',
    name: 'a',
    uid: 'u1',
    controller: true,
    blockOwnerDeletion: true,
  });
  assert.throws(
    () => ownerReference(Web, { metadata: { name: 'new' } }),
    /no uid: create it first/,
  );
});

test('controllerOf() and isControlledBy() look at the controller only', () => {
  const ownerReferences = [ownerReference(Web, other), controllerReference(Web, owner)];
  const owned = { metadata: { name: 'c', ownerReferences } };
  assert.equal(controllerOf(owned)?.uid, 'u1');
  assert.deepEqual([isControlledBy(owned, owner), isControlledBy(owned, other)], [true, false]);
  assert.equal(isControlledBy(owned, { metadata: { name: 'a' } }), false);
});

test('withOwner() replaces the reference to the same object, and refuses a second controller', () => {
  const mine = controllerReference(Web, owner);
  assert.deepEqual(withOwner(undefined, mine), [mine]);
  assert.deepEqual(withOwner([ownerReference(Web, owner)], mine), [mine]);
  assert.equal(withOwner([mine], ownerReference(Web, other)).length, 2);
  assert.throws(
    () => withOwner([mine], controllerReference(Web, other)),
    /cannot control what Web/,
  );
});

test('refersTo() looks at group and kind, whatever the version', () => {
  const reference = { ...ownerReference(Web, owner), apiVersion: 'shop.example/v1beta1' };
  assert.equal(refersTo(reference, Web), true);
  assert.equal(refersTo({ ...reference, apiVersion: 'v1' }, Web), false);
  assert.equal(refersTo({ ...reference, kind: 'Webs' }, Web), false);
  assert.deepEqual([groupOf('v1'), groupOf('apps/v1')], ['', 'apps']);
});
