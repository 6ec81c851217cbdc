import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type KubernetesObject, metadataOf, type ObjectDraft } from '@fairway/protocol';

import {
  type GoldenCase,
  readGoldenCases,
  rejectionOf,
  resourceOfPath,
} from '../../../test/golden/golden-cases.ts';
import { allKindRules } from '../src/all-kind-rules.ts';
import { validateObjectMeta } from '../src/metadata/validate-object-meta.ts';

const invalidCases = [
  ...readGoldenCases('rejections.json'),
  ...readGoldenCases('defaulting.json'),
].filter(({ code }) => code === 422);

for (const golden of invalidCases) {
  test(`kind rules refuse ${golden.name} in the words of the API`, () => {
    assert.deepEqual(rejectionFor(golden), golden.response);
  });
}

function rejectionFor(golden: GoldenCase) {
  const { group, plural, namespace } = resourceOfPath(golden.path);
  const rules = allKindRules.get(`${group}/${plural}`);
  assert.ok(rules, `no rules for ${golden.path}`);
  const draft = JSON.parse(JSON.stringify(golden.request)) as ObjectDraft<KubernetesObject>;
  const metadata = metadataOf(draft);
  rules.applyDefaults?.(draft);
  metadata.uid = '00000000-0000-4000-8000-000000000000';
  if (namespace !== undefined) metadata.namespace = namespace;
  rules.prepareForCreate?.(draft, () => {});
  const scope = { isNamespaced: namespace !== undefined, checkName: rules.checkName };
  const errors = [...validateObjectMeta(draft, scope), ...(rules.validate?.(draft) ?? [])];
  return rejectionOf(draft, { group, errors });
}
