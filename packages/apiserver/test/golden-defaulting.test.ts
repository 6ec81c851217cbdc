import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type KubernetesObject, metadataOf, type ObjectDraft } from '@fairway/protocol';

import {
  comparable,
  type GoldenCase,
  readGoldenCases,
  resourceOfPath,
} from '../../../test/golden/golden-cases.ts';
import { admitDefaultTolerations } from '../src/admission/default-toleration-seconds.ts';
import { admitPriority } from '../src/admission/priority.ts';
import { admitServiceAccount } from '../src/admission/service-account-admission.ts';
import { admitStorageProtection } from '../src/admission/storage-object-protection.ts';
import { admitNodeTaint } from '../src/admission/taint-new-node.ts';
import { allKindRules, allKindStrategies, validateObjectMeta } from '@fairway/kind-rules';
import { builtInSchemas } from '@fairway/kinds/schema';
import { conformToSchema } from '@fairway/schema';

const schemas = builtInSchemas();

const uid = '00000000-0000-4000-8000-000000000000';

const created = readGoldenCases('defaulting.json').filter(({ code }) => code === 201);

for (const golden of created) {
  test(`kind rules complete a new ${golden.name} as the API does`, () => {
    const { draft, resource, rules } = completed(golden);
    assert.deepEqual(comparable(draft), comparable(golden.response));
    const scope = { isNamespaced: resource.namespace !== undefined, checkName: rules.checkName };
    assert.deepEqual(validateObjectMeta(draft, scope), []);
    assert.deepEqual(rules.validate?.(draft) ?? [], []);
    const metadata = golden.response['metadata'] as { generation?: number };
    const strategy = allKindStrategies.get(`${resource.group}/${resource.plural}`);
    assert.equal(strategy?.generationCounts === 'states', metadata.generation === 1);
  });

  test(`applyDefaults leaves a complete ${golden.name} as it is`, () => {
    const { draft, rules } = completed(golden);
    const before = JSON.stringify(draft);
    rules.applyDefaults?.(draft);
    assert.equal(JSON.stringify(draft), before);
    assert.deepEqual(rules.validateUpdate?.(draft, JSON.parse(before)) ?? [], []);
  });
}

function completed(golden: GoldenCase) {
  const resource = resourceOfPath(golden.path);
  const rules = allKindRules.get(`${resource.group}/${resource.plural}`);
  assert.ok(rules, `no rules for ${golden.path}`);
  const draft = JSON.parse(JSON.stringify(golden.request)) as ObjectDraft<KubernetesObject>;
  const { apiVersion = '', kind = '' } = draft;
  conformToSchema(draft, { schema: schemas.lookup(apiVersion, kind) ?? {}, kind });
  const metadata = metadataOf(draft);
  rules.applyDefaults?.(draft);
  if (resource.namespace !== undefined) metadata.namespace = resource.namespace;
  metadata.uid = uid;
  metadata.creationTimestamp = '2026-11-22T00:11:54Z';
  admit(resource.plural, draft);
  rules.prepareForCreate?.(draft, () => {});
  return { draft, resource, rules };
}

function admit(plural: string, draft: KubernetesObject): void {
  if (plural === 'pods') {
    admitServiceAccount(draft, { account: {}, nameSuffix: () => 'bvcbl' });
    admitPriority(draft, { classes: [] });
    admitDefaultTolerations(draft);
  } else if (plural === 'persistentvolumes' || plural === 'persistentvolumeclaims') {
    admitStorageProtection(draft as Parameters<typeof admitStorageProtection>[0], plural);
  } else if (plural === 'nodes') admitNodeTaint(draft);
}
