import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import {
  describeFieldError,
  type KubernetesObject,
  metadataOf,
  type ObjectDraft,
} from '@fairway/protocol';

import { allKindRules } from '../src/all-kind-rules.ts';
import { validateObjectMeta } from '../src/metadata/validate-object-meta.ts';

interface Rejection {
  readonly resource: string;
  readonly object: ObjectDraft<KubernetesObject>;
  /** Reason, field and message of each cause, in order. */
  readonly causes: readonly (readonly [string, string, string])[];
}

const url = new URL('./fixtures/rejections-more.json', import.meta.url);
const rejections = JSON.parse(readFileSync(url, 'utf8')) as Record<string, Rejection>;

for (const [name, { resource, object, causes }] of Object.entries(rejections)) {
  test(`kind rules refuse a ${name}`, async () => {
    const rules = allKindRules.get(resource);
    assert.ok(rules, `no rules for ${resource}`);
    rules.applyDefaults?.(object);
    metadataOf(object).uid = '00000000-0000-4000-8000-000000000000';
    rules.prepareForCreate?.(object);
    const isNamespaced = object.metadata?.namespace !== undefined;
    const named = validateObjectMeta(object, { isNamespaced, checkName: rules.checkName });
    const errors = [
      ...named,
      ...(rules.validate?.(object) ?? []),
      ...((await rules.validateInTurns?.(object, undefined, () => undefined)) ?? []),
      ...(rules.validateCreate?.(object) ?? []),
    ];
    assert.deepEqual(
      errors.map((error) => [error.reason, error.field, describeFieldError(error)]),
      causes,
    );
  });
}
