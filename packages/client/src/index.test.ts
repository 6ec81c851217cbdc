import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ApiError } from '@fairway/protocol';
import {
  type KubernetesObject,
  type ResourceDescriptor,
  ApiError as ownApiError,
  defineKind,
} from './index.ts';

test('index.ts exports the words of its own signatures', () => {
  assert.equal(ownApiError, ApiError);
  const kind = defineKind({
    group: 'g',
    version: 'v1',
    kind: 'K',
    plural: 'ks',
    isNamespaced: true,
  });
  const object: KubernetesObject = { kind: (kind satisfies ResourceDescriptor).kind };
  assert.equal(object.kind, 'K');
});

for (const entry of ['index.ts', 'browser.ts']) {
  test(`${entry} reaches no module of Node.js`, () => {
    const reached = importsFrom(new URL(entry, import.meta.url));
    assert.ok(reached.size > 10);
    assert.deepEqual(
      [...reached].filter((specifier) => specifier.startsWith('node:')),
      [],
    );
    const packages = [...reached].filter((specifier) => !specifier.startsWith('file:'));
    assert.deepEqual(packages.toSorted(), ['@fairway/host', '@fairway/protocol']);
  });
}

/** Every module that a bundler would follow, by URL, and every package. */
function importsFrom(entry: URL): ReadonlySet<string> {
  const reached = new Set<string>();
  const visit = (file: URL): void => {
    if (reached.has(file.href)) return;
    reached.add(file.href);
    for (const specifier of specifiersOf(readFileSync(file, 'utf8'))) {
      if (specifier.startsWith('.')) visit(new URL(specifier, file));
      else reached.add(specifier);
      if (specifier.startsWith('@fairway/')) visit(new URL(import.meta.resolve(specifier)));
    }
  };
  visit(entry);
  return reached;
}

// What is imported as a type, or only types of, is erased.
function* specifiersOf(source: string): Generator<string> {
  const statements =
    /^(?:import|export)\s+(type\s)?([^;]*?)from\s+'([^']+)';|import\('([^']+)'\)/gm;
  for (const [, isType, names = '', from, dynamic] of source.matchAll(statements)) {
    const inner = /^\{([^}]*)\}\s*$/.exec(names)?.[1];
    const isErased =
      isType !== undefined ||
      (inner !== undefined && inner.split(',').every((name) => /^\s*(type\s|$)/.test(name)));
    if (dynamic !== undefined) yield dynamic;
    else if (from !== undefined && !isErased) yield from;
  }
}
