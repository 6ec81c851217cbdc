import assert from 'node:assert/strict';
import { test } from 'node:test';
import { turnsDuring } from '@fairway/host/testing';
import type { KubernetesObject } from '@fairway/protocol';
import type { StoreEntry } from '@fairway/store';
import { PolicySource } from './policy-source.ts';

const ann = { username: 'ann', groups: [] };
const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'r' };

function entryOf(plural: string, name: string, fields: object): StoreEntry {
  const object: KubernetesObject = { metadata: { name }, ...fields };
  return {
    key: `/registry/rbac.authorization.k8s.io/${plural}/${name}`,
    value: Buffer.from(JSON.stringify(object)),
    revision: 1,
    createRevision: 1,
  };
}

function bindingOf(name: string, user: string): StoreEntry {
  return entryOf('clusterrolebindings', name, {
    roleRef,
    subjects: [{ kind: 'User', name: user }],
  });
}

function grantsOf(source: PolicySource): unknown[] {
  return [...source.current().clusterGrants(ann)].map(({ binding, rules }) => [
    binding.metadata.name,
    rules?.length,
  ]);
}

test('PolicySource follows each role and binding', async () => {
  const source = new PolicySource();
  await source.reset([bindingOf('b', 'ann')]);
  assert.deepEqual(grantsOf(source), [['b', undefined]]);
  const role = entryOf('clusterroles', 'r', { rules: [{ verbs: ['get'] }] });
  source.put(role);
  assert.deepEqual(grantsOf(source), [['b', 1]]);
  source.put(bindingOf('b', 'bob'));
  assert.deepEqual(grantsOf(source), []);
  source.put(bindingOf('c', 'ann'));
  source.delete(role);
  assert.deepEqual(grantsOf(source), [['c', undefined]]);
  source.delete(bindingOf('c', 'ann'));
  assert.deepEqual(grantsOf(source), []);
});

test('PolicySource takes up a new picture as a whole, and lets others have a turn meanwhile', async () => {
  const source = new PolicySource();
  await source.reset([bindingOf('before', 'ann')]);
  const many = Array.from({ length: 40 }, (_, at) => bindingOf(`b${at}`, 'ann'));
  const seen: number[] = [];
  const turns = await turnsDuring(async () => {
    setImmediate(() => seen.push(grantsOf(source).length));
    await source.reset(many);
  });
  assert.ok(turns >= 20, `${turns} turns`);
  assert.deepEqual(seen, [1]);
  assert.equal(grantsOf(source).length, 40);
});
