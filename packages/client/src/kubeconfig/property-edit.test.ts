import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseKubeconfig } from './load-kubeconfig.ts';
import { propertyEdit } from './property-edit.ts';

const config = await parseKubeconfig(
  'contexts: [{name: a}, {name: a.b}, {name: a.b.c}]\nusers: [{name: jane@x.org}]',
  '/k',
);

test('propertyEdit() finds the entry whose name holds dots', () => {
  assert.deepEqual(propertyEdit(config, 'contexts.a.b.namespace', 'shop'), {
    kind: 'set',
    section: 'contexts',
    name: 'a.b',
    fields: { namespace: 'shop' },
  });
  assert.deepEqual(propertyEdit(config, 'users.jane@x.org'), {
    kind: 'unset',
    section: 'users',
    name: 'jane@x.org',
    path: [],
  });
});

test('propertyEdit() reads booleans where a boolean belongs', () => {
  assert.deepEqual(propertyEdit(config, 'clusters.n.insecure-skip-tls-verify', 'true'), {
    kind: 'set',
    section: 'clusters',
    name: 'n',
    fields: { 'insecure-skip-tls-verify': true },
  });
  assert.deepEqual(propertyEdit(config, 'users.u.token', 'true'), {
    kind: 'set',
    section: 'users',
    name: 'u',
    fields: { token: 'true' },
  });
});

test('propertyEdit() knows the current context, and refuses what is no property', () => {
  assert.deepEqual(propertyEdit(config, 'current-context'), { kind: 'unset-current-context' });
  assert.deepEqual(propertyEdit(config, 'current-context', 'a'), {
    kind: 'use-context',
    name: 'a',
  });
  for (const property of ['foo.bar', 'contexts', '', 'preferences.colors']) {
    assert.throws(() => propertyEdit(config, property), {
      problem: 'invalid',
      message: /^unable to parse/,
    });
  }
  assert.throws(() => propertyEdit(config, 'contexts.a', 'value'), { problem: 'invalid' });
});
