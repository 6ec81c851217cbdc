import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { parseJsonPath } from './json-path.ts';

function find(path: string, object: unknown): readonly unknown[] {
  const parsed = parseJsonPath(path);
  assert.equal(parsed.kind, 'parsed', path);
  return parsed.kind === 'parsed' ? parsed.find(object) : [];
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

suite('parseJsonPath', () => {
  for (const [path, expected] of [
    ['.spec.replicas', [3]],
    ['.spec.missing.deeper', []],
    ['.spec.none', [null]],
    ['.metadata.labels.app\\.kubernetes\\.io/name', ['web']],
    [".metadata.labels['app.kubernetes.io/name']", ['web']],
    ['.spec.ports[0].port', [80]],
    ['.spec.ports[-1].port', [443]],
    ['.spec.ports[7].port', []],
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

  test('says where it cannot go on', () => {
    assert.deepEqual(parseJsonPath('.spec[').kind, 'malformed');
    assert.deepEqual(parseJsonPath('spec'), {
      kind: 'malformed',
      problem: 'cannot read "spec" at 0',
    });
  });

  test('finds any field by its quoted name', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.jsonValue(), (name, value) => {
        const quoted = name.replaceAll(/[\\']/g, '\\$&');
        const holder = Object.fromEntries([[name, value]]);
        assert.deepEqual(find(`['${quoted}']`, holder), [value]);
      }),
    );
  });

  test('answers or refuses whatever it is given, and never throws', () => {
    const piece = fc.constantFrom(
      '.',
      '..',
      '[',
      ']',
      '*',
      '?(@',
      ')',
      '==',
      "'a'",
      'a',
      '0',
      ':',
      '\\',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.jsonValue(), (pieces, value) => {
        const parsed = parseJsonPath(pieces.join(''));
        if (parsed.kind === 'parsed') assert.ok(Array.isArray(parsed.find(value)));
      }),
    );
  });
});
