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
    ['.spec.ports[7].port', []],
    ['.status.conditions[?(@.type=="Ready")].status', ['False']],
  ] as const) {
    test(`finds ${path}`, () => {
      assert.deepEqual(find(path, object), expected);
    });
  }

  test('says where it cannot go on', () => {
    assert.deepEqual(parseJsonPath('.spec[').kind, 'malformed');
    assert.deepEqual(parseJsonPath('spec'), {
      kind: 'malformed',
      problem: 'cannot read the JSONPath: expected a path such as .metadata.name, before "spec"',
    });
  });

  test('finds nothing where it does not fit', () => {
    for (const path of ['.spec.ports[7]', '.spec.replicas[0]', '.spec.ports[0:1:0]']) {
      assert.deepEqual(find(path, object), [], path);
    }
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
