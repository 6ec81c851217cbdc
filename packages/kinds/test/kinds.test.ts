import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { Deployment } from '@fairway/kinds/apps/v1';
import { Namespace, Pod } from '@fairway/kinds/core/v1';
import * as core from '@fairway/kinds/core/v1';
import type { ObjectMeta } from '@fairway/kinds/meta/v1';
import type {
  CompleteDraft,
  KubernetesObject,
  ObjectMeta as AnyObjectMeta,
} from '@fairway/protocol';

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

test('generated objects are read-only at any depth, and fit where any Kubernetes object does', () => {
  const containers = [{ name: 'main', args: ['a'] }];
  const pod: Pod = {
    metadata: { name: 'a', labels: { app: 'a' } },
    spec: { containers, nodeSelector: { zone: 'a' } },
  };
  // @ts-expect-error: a field of an element
  if (pod.spec?.containers[0] !== undefined) pod.spec.containers[0].name = 'other';
  // @ts-expect-error: the elements of a list
  pod.spec?.containers[0]?.args?.push('b');
  // @ts-expect-error: the values of a map
  if (pod.metadata?.labels !== undefined) pod.metadata.labels['tier'] = 'web';
  // @ts-expect-error: a field
  pod.status = {};
  const object: KubernetesObject = pod;
  const meta: AnyObjectMeta | undefined = pod.metadata;
  const generated: ObjectMeta | undefined = object.metadata;
  assert.equal(meta, generated);
});

test('a changed copy of a generated object is one, and so is a draft', () => {
  const pod: Pod = { metadata: { name: 'a' }, spec: { containers: [{ name: 'main' }] } };
  const labels = { ...pod.metadata?.labels, tier: 'web' };
  const spec = { containers: [...(pod.spec?.containers ?? []), { name: 'side' }] };
  const copy: Pod = { ...pod, metadata: { ...pod.metadata, labels }, spec };
  const draft: CompleteDraft<Pod> = structuredClone(copy) as CompleteDraft<Pod>;
  draft.metadata ??= {};
  (draft.metadata.labels ??= {})['tier'] = 'shop';
  draft.spec?.containers.push({ name: 'last', args: ['b'] });
  draft.spec?.containers[0]?.args?.push('c');
  const changed: Pod = draft;
  assert.deepEqual(
    changed.spec?.containers.map(({ name }) => name),
    ['main', 'side', 'last'],
  );
});

test('every generated module is reachable under its name', async () => {
  const folder = path.join(import.meta.dirname, '../src/generated');
  const modules = globSync('*/*.ts', { cwd: folder }).map((file) => file.replace('.ts', ''));
  assert.ok(modules.includes('autoscaling/v2'));
  for (const module of modules) await import(`@fairway/kinds/${module}`);
});
