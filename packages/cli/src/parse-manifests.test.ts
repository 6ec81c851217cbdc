import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseManifests } from './parse-manifests.ts';

const head = 'apiVersion: v1\nkind: ConfigMap\n';

test('parseManifests() reads documents, lists, JSON one after the other, and what YAML 1.1 means', async () => {
  const names = async (text: string): Promise<readonly unknown[]> =>
    (await parseManifests('f', text)).map(({ kind, metadata }) => [kind, metadata?.name]);
  const one = (name: string): string =>
    `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"${name}"}}`;
  assert.deepEqual(await names(`${head}metadata: {name: a}\n---\n---\n${one('b')}`), [
    ['ConfigMap', 'a'],
    ['Pod', 'b'],
  ]);
  assert.deepEqual(await names(`${one('a')}\n${one('b')}`), [
    ['Pod', 'a'],
    ['Pod', 'b'],
  ]);
  assert.deepEqual(await names('apiVersion: v1\nkind: PodList\nitems: [{metadata: {name: a}}]'), [
    ['Pod', 'a'],
  ]);
  assert.deepEqual(await names('apiVersion: v1\nkind: List\nitems:\n'), []);
  assert.deepEqual(await names(''), []);
  const [read] = await parseManifests(
    'f',
    `${head}data: {a: yes, b: 2020-01-01, c: 9007199254740993, d: 5}`,
  );
  assert.deepEqual(read?.['data'], { a: true, b: '2020-01-01', c: 9_007_199_254_740_993n, d: 5 });
});

test('parseManifests() says what is wrong, in which file', async () => {
  for (const [text, message] of [
    ['a: [', /^error parsing f: /],
    ['a: 1\na: 2', /^error parsing f: /],
    ['a: *b', /^error parsing f: /],
    [
      `a: &a [${'1,'.repeat(99)}]\nb: &b [${'*a,'.repeat(50)}]\nc: [${'*b,'.repeat(50)}]`,
      /^error parsing f: Excessive alias count/,
    ],
    ['text', /^f holds something that is no object$/],
    ['kind: Pod', /^f holds an object without apiVersion or kind/],
    [
      `${head}metadata: [a]`,
      /^f: the metadata of a ConfigMap is \["a"\], and has to be an object$/,
    ],
    [
      `${head}metadata: {name: 5}`,
      /^f: metadata\.name of a ConfigMap is 5, and has to be text: put/,
    ],
    [`${head}metadata: {namespace: true}`, /^f: metadata\.namespace of a ConfigMap is true/],
    [
      `${head}metadata: {labels: x}`,
      /^f: metadata\.labels of a ConfigMap is "x", and has to be an object/,
    ],
  ] as const) {
    await assert.rejects(parseManifests('f', text), { name: 'CommandError', message });
  }
});

test('parseManifests() takes metadata that is null for none', async () => {
  const [read] = await parseManifests('f', `${head}metadata:\n`);
  assert.deepEqual(read?.metadata, {});
  const [named] = await parseManifests(
    'f',
    `${head}metadata: {name: a, labels: null, creationTimestamp: null}`,
  );
  assert.deepEqual(named?.metadata, { name: 'a', creationTimestamp: null });
});
