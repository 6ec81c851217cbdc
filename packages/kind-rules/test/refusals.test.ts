import { deepEqual, ok } from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { fieldErrorText, type KubernetesObject, type ObjectDraft } from '@fairway/protocol';

import { allKindRules } from '../src/all-kind-rules.ts';
import {
  validateObjectMeta,
  validateObjectMetaUpdate,
} from '../src/metadata/validate-object-meta.ts';

/**
 * An object with as much wrong as it can hold, and all that the rules say to it: every refusal of
 * `src/rules` and `src/metadata` stands in one of them. None of them is a recorded answer: those are
 * in `test/golden`. A note says where a rule comes from that no recorded answer shows.
 */
interface Refusal {
  readonly resource: string;
  readonly object: ObjectDraft<KubernetesObject>;
  /** What the object takes the place of, when the refusal is about a change. */
  readonly stored?: KubernetesObject;
  /** False: as it would be if the defaults had been forgotten. */
  readonly isDefaulted?: boolean;
  /** Absent: as the object says, by having a namespace. */
  readonly isNamespaced?: boolean;
  /** The update is one of this view of the object. */
  readonly subresource?: string;
  readonly note?: string;
  readonly refused: readonly string[];
}

const folder = new URL('./fixtures/refusals/', import.meta.url);

for (const file of readdirSync(folder)) {
  const text = readFileSync(new URL(file, folder), 'utf8');
  for (const [name, refusal] of Object.entries(JSON.parse(text) as Record<string, Refusal>)) {
    test(`kind rules refuse ${name}`, async () => {
      deepEqual(await refusedOf(refusal), refusal.refused);
    });
  }
}

async function refusedOf(refusal: Refusal): Promise<readonly string[]> {
  const { resource, object, stored, subresource } = refusal;
  const rules = allKindRules.get(resource);
  ok(rules, `no rules for ${resource}`);
  if (refusal.isDefaulted !== false) rules.applyDefaults?.(object);
  if (subresource !== undefined && stored !== undefined) {
    rules.prepareForSubresource?.[subresource]?.(object, stored);
  }
  const validateChange =
    subresource === undefined ? rules.validateUpdate : rules.validateSubresource?.[subresource];
  const isNamespaced = refusal.isNamespaced ?? object.metadata?.namespace !== undefined;
  const errors = [
    ...validateObjectMeta(object, { ...rules, isNamespaced }),
    ...(rules.validate?.(object, stored) ?? []),
    ...((await rules.validateInTurns?.(object, stored, () => undefined)) ?? []),
    ...(stored === undefined
      ? (rules.validateCreate?.(object) ?? [])
      : [...validateObjectMetaUpdate(object, stored), ...(validateChange?.(object, stored) ?? [])]),
  ];
  return errors.map(fieldErrorText);
}
