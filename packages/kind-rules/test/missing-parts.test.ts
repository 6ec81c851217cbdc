import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { KubernetesObject } from '@fairway/protocol';

import { readGoldenCases, resourceOfPath } from '../../../test/golden/golden-cases.ts';
import { allKindRules } from '../src/all-kind-rules.ts';
import { validateObjectMeta } from '../src/metadata/validate-object-meta.ts';

type Path = readonly string[];

for (const golden of readGoldenCases('defaulting.json')) {
  const { group, plural, namespace } = resourceOfPath(golden.path);
  const rules = allKindRules.get(`${group}/${plural}`);
  const source = golden.code === 201 ? golden.response : golden.request;

  test(`kind rules take any part of a ${golden.name} missing or empty`, async () => {
    assert.ok(rules);
    const scope = { isNamespaced: namespace !== undefined, checkName: rules.checkName };
    for (const path of pathsOf(source)) {
      for (const change of [removeAt, emptyAt]) {
        const draft = change(source, path);
        const stored = copyOf(source);
        rules.applyDefaults?.(draft);
        const once = JSON.stringify(draft);
        rules.applyDefaults?.(draft);
        assert.equal(JSON.stringify(draft), once, `defaults twice, ${path.join('.')} changed`);
        rules.prepareForUpdate?.(draft, stored);
        rules.validateUpdate?.(draft, stored);
        rules.prepareForStatusUpdate?.(draft, stored);
        rules.prepareForCreate?.(draft, () => {});
        rules.validate?.(draft);
        await rules.validateInTurns?.(draft, undefined, () => undefined);
        rules.validateCreate?.(draft);
        validateObjectMeta(draft, scope);
        for (const read of Object.values(rules.fieldLabels ?? {})) {
          assert.equal(typeof read(draft), 'string');
        }
      }
    }
  });
}

function pathsOf(value: unknown, path: Path = []): Path[] {
  const own = path.length === 0 ? [] : [path];
  if (typeof value !== 'object' || value === null) return own;
  const inner = Object.entries(value).flatMap(([key, each]) => pathsOf(each, [...path, key]));
  return [...own, ...inner];
}

function removeAt(source: unknown, path: Path): KubernetesObject {
  return changedAt(source, path, (holder, key) => {
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else Reflect.deleteProperty(holder, key);
  });
}

function emptyAt(source: unknown, path: Path): KubernetesObject {
  return changedAt(source, path, (holder, key) => {
    Reflect.set(holder, key, emptyOf(Reflect.get(holder, key)));
  });
}

function emptyOf(value: unknown): unknown {
  if (Array.isArray(value)) return [];
  if (typeof value === 'string') return isQuantity(value) ? '0' : '';
  if (typeof value === 'number') return 0;
  return typeof value === 'boolean' ? false : {};
}

/** Empty text is no quantity, and decoding has refused it. */
function isQuantity(text: string): boolean {
  return /^\d+(m|[KMG]i)?$/.test(text);
}

function changedAt(
  source: unknown,
  path: Path,
  change: (holder: object, key: string) => void,
): KubernetesObject {
  const copy = copyOf(source);
  let holder: object = copy;
  for (const key of path.slice(0, -1)) holder = Object(Reflect.get(holder, key));
  change(holder, path.at(-1) ?? '');
  return copy;
}

/** What decoding leaves: no nulls. */
function copyOf(source: unknown): KubernetesObject {
  return JSON.parse(JSON.stringify(source), (_key, value) => value ?? undefined);
}
