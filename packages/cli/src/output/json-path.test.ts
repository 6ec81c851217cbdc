import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { CommandError } from '../command-error.ts';
import { compileJsonPath } from './json-path.ts';

const list = {
  kind: 'List',
  items: [
    {
      kind: 'Node',
      metadata: { name: '127.0.0.1', labels: { 'a.b/c': 'x' } },
      status: { n: 4, up: true },
    },
    { kind: 'Node', metadata: { name: '127.0.0.2' }, status: { n: 8, up: false, note: null } },
  ],
  users: [
    { name: 'myself', user: {} },
    { name: 'e2e', user: { username: 'admin', password: 'secret' } },
  ],
};

const cases: readonly (readonly [string, string])[] = [
  ['kind is {.kind}', 'kind is List'],
  ['{$.kind}{@.kind}{ .kind }', 'ListListList'],
  ['{.items[*].metadata.name}', '127.0.0.1 127.0.0.2'],
  ["{['kind']} {.items[0]['metadata'][\"name\"]}", 'List 127.0.0.1'],
  ['{range .items[*]}{.metadata.name}={.status.n}{"\\n"}{end}', '127.0.0.1=4\n127.0.0.2=8\n'],
  ['{range .items[*]}[{range .status}{.up}{end}]{end}', '[true][false]'],
  ['{.users[?(@.name=="e2e")].user.password}', 'secret'],
  ['{.items[?(@.status.n > 4)].metadata.name}', '127.0.0.2'],
  ['{.items[?(@.status.n<=4)].status.n}', '4'],
  ['{.items[?(@.status.up==true)].status.n}', '4'],
  ['{.items[?(@.status.up!=true)].status.n}', '8'],
  ['{.users[?(@.user.username)].name}', 'e2e'],
  [
    '{.items[0:1].status.n} {.items[-1].status.n} {.items[-1:].status.n} {.items[::2].status.n}',
    '4 8 8 4',
  ],
  ["{.items[*]['metadata.name','kind']}", 'Node Node'],
  ["{.items[0]['kind','status']}", 'Node {"n":4,"up":true}'],
  ['{.items[0,1].status.n}', '4 8'],
  ['{..name}', '127.0.0.1 127.0.0.2 myself e2e'],
  ['{.items[*]..up}', 'true false'],
  ['{.items[0].metadata.labels.a\\.b/c}', 'x'],
  ['{.items[0].metadata.*}', '{"a.b/c":"x"} 127.0.0.1'],
  ['{.items[1].status.note}', 'null'],
  ['{.nothing.here}{.kind.name}{.nothing[0]}', ''],
  ['{.users[0]}', '{"name":"myself","user":{}}'],
  ['{\'a\\tb\'}{"\\u00e9"}', 'a\tbé'],
  ['no braces', 'no braces'],
];

for (const [template, printed] of cases) {
  test(`compileJsonPath() prints ${template}`, () => {
    assert.equal(compileJsonPath(template)(list), printed);
  });
}

test('compileJsonPath() says what is wrong with a template, and when it does not fit', () => {
  const refused = (message: RegExp) => ({ name: 'CommandError', message });
  assert.throws(() => compileJsonPath('{.a[}'), refused(/JSONPath: .*, before "}"/));
  assert.throws(() => compileJsonPath('{.items[7]}')(list), refused(/index 7, length 2/));
});

test('compileJsonPath() survives any template and any value', () => {
  const part = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    '.',
    '..',
    '*',
    '?(',
    ')',
    '@',
    '$',
    '"',
    "'",
    '\\',
    ',',
    ':',
    '-1',
    '0',
    'a',
    ' ',
    '==',
    '<',
    'range',
    'end',
  );
  const template = fc.oneof(
    fc.string(),
    fc.array(part).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(template, fc.jsonValue(), (text, value) => {
      try {
        assert.equal(typeof compileJsonPath(text)(value), 'string');
      } catch (error) {
        if (!(error instanceof CommandError)) throw error;
      }
    }),
    { numRuns: 500 },
  );
});
