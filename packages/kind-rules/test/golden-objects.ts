import assert from 'node:assert/strict';
import type { KubernetesObject } from '@fairway/protocol';
import { readGoldenCases, resourceOfPath } from '../../../test/golden/golden-cases.ts';
import type { KindRules } from '../src/kind-rules.ts';
import { allKindRules } from '../src/all-kind-rules.ts';

/** New values by their path: `spec.containers.0.image`. */
export type Changes = Readonly<Record<string, unknown>>;

/** A complete object that a real server made, and the rules of its kind. */
export function goldenObject(name: string): { object: KubernetesObject; rules: KindRules } {
  const golden = readGoldenCases('defaulting.json').find((each) => each.name === name);
  assert.ok(golden);
  const { group, plural } = resourceOfPath(golden.path);
  const rules = allKindRules.get(`${group}/${plural}`);
  assert.ok(rules);
  return { object: golden.response as KubernetesObject, rules };
}

/** A copy with other values at some paths. */
export function withChanges(object: unknown, changes: Changes): KubernetesObject {
  const copy: unknown = JSON.parse(JSON.stringify(object));
  for (const [path, value] of Object.entries(changes)) {
    const keys = path.split('.');
    const last = keys.pop() ?? '';
    let holder: unknown = copy;
    for (const key of keys) holder = Reflect.get(Object(holder), key);
    Reflect.set(Object(holder), last, value);
  }
  return copy as KubernetesObject;
}
