import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { evaluateJsonPath } from './json-path-evaluation.ts';
import { parseJsonPath } from './json-path-template.ts';

function find(path: string, value: unknown): readonly unknown[] {
  return evaluateJsonPath(parseJsonPath(path), value);
}

const object = {
  metadata: { labels: { 'app.kubernetes.io/name': 'web' } },
  spec: { ports: [{ port: 80 }, { port: 443, name: 'https' }], replicas: 3, none: null },
  status: {
    conditions: [
      { type: 'Available', status: 'True' },
      { type: 'Ready', status: 'False', count: 2 },
    ],
  },
};

suite('evaluateJsonPath', () => {
  for (const [path, expected] of [
    ['.spec.replicas', [3]],
    ['.spec.missing.deeper', []],
    ['.spec.none', [null]],
    ['.metadata.labels.app\\.kubernetes\\.io/name', ['web']],
    [".metadata.labels['app.kubernetes.io/name']", ['web']],
    ['.spec.ports[0].port', [80]],
    ['.spec.ports[-1].port', [443]],
    ['.spec.none[0]', []],
    ['.', [object]],
    ['.spec.ports[*].port', [80, 443]],
    ['.spec.ports[0:1].port', [80]],
    ['.status.conditions[?(@.type=="Ready")].status', ['False']],
    [".status.conditions[?(@.type != 'Ready')].status", ['True']],
    ['.status.conditions[?(@.count>=2)].type', ['Ready']],
    ['.spec.ports[?(@.name)].port', [443]],
    ['..port', [80, 443]],
  ] as const) {
    test(`finds ${path}`, () => {
      assert.deepEqual(find(path, object), expected);
    });
  }

  test('finds any field by its quoted name', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.jsonValue(), (name, value) => {
        const quoted = name.replaceAll(/[\\']/g, '\\$&');
        const holder = Object.fromEntries([[name, value]]);
        assert.deepEqual(find(`['${quoted}']`, holder), [value]);
      }),
    );
  });

  test('says when a path does not fit', () => {
    for (const [path, message] of [
      ['.spec.ports[7]', /index 7, length 2/],
      ['.spec.replicas[0]', /no list/],
      ['.status.conditions[?(@.*=="Ready")]', /several values/],
      ['.spec.ports[0:1:0]', /step/],
    ] as const) {
      assert.throws(() => find(path, object), { name: 'JsonPathError', message }, path);
    }
  });

  test('bounds the number of values', () => {
    const deep = JSON.parse('['.repeat(200) + ']'.repeat(200)) as unknown;
    assert.throws(() => find('..[*]..[*]..[*]..[*]..', deep), {
      name: 'JsonPathError',
      message: /more than \d+ values/,
    });
  });

  test('finds its way through a list longer than an argument list may be', () => {
    assert.equal(
      find(
        '..',
        Array.from({ length: 200_000 }, () => 0),
      ).length,
      200_001,
    );
  });
});
