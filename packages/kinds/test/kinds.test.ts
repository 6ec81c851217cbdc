import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { Deployment } from '@fairway/kinds/apps/v1';
import { Namespace, Pod } from '@fairway/kinds/core/v1';
import * as core from '@fairway/kinds/core/v1';
import type { ObjectMeta } from '@fairway/kinds/meta/v1';
import type { KubernetesObject, ObjectMeta as AnyObjectMeta } from '@fairway/protocol';

test('Pod is the literal that addresses pods, well under 1 KB', () => {
  assert.deepEqual(Pod, {
    group: '',
    version: 'v1',
    kind: 'Pod',
    plural: 'pods',
    isNamespaced: true,
  });
  assert.ok(JSON.stringify(Pod).length < 200);
  assert.equal(Namespace.isNamespaced, false);
  assert.equal(Deployment.group, 'apps');
});

test('core/v1 holds nothing at run time but descriptors', () => {
  for (const [name, value] of Object.entries(core)) {
    assert.equal(value.kind, name);
    assert.deepEqual(Object.keys(value), ['group', 'version', 'kind', 'plural', 'isNamespaced']);
  }
});

test('generated objects are mutable and fit where any Kubernetes object does', () => {
  const pod: Pod = { metadata: { name: 'a' }, spec: { containers: [{ name: 'main' }] } };
  const meta: ObjectMeta = (pod.metadata ??= {});
  meta.labels = { app: 'a' };
  meta.labels['tier'] = 'web';
  const object: KubernetesObject = pod;
  const anyMeta: AnyObjectMeta = meta;
  assert.equal(object.metadata, anyMeta);
});

test('every generated module is reachable under its name', async () => {
  const folder = path.join(import.meta.dirname, '../src/generated');
  const modules = globSync('*/*.ts', { cwd: folder }).map((file) => file.replace('.ts', ''));
  assert.ok(modules.includes('autoscaling/v2'));
  for (const module of modules) await import(`@fairway/kinds/${module}`);
});
