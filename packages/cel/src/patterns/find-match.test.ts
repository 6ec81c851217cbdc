import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { compilePattern } from './compile-pattern.ts';
import { Effort } from './effort.ts';
import { findMatch } from './find-match.ts';

function find(
  pattern: string,
  text: string,
  { from = 0, stepsMax = 1e9 } = {},
): string | undefined {
  const compiled = compilePattern(pattern);
  assert.ok(compiled.kind === 'compiled');
  const found = findMatch(compiled.pattern, { text, from, effort: new Effort(stepsMax) });
  return found && `${found.start}-${found.end}`;
}

suite('findMatch', () => {
  const cases: readonly (readonly [pattern: string, text: string, found: string | undefined])[] = [
    ['b+', 'abbbc', '1-4'],
    ['b+?', 'abbbc', '1-2'],
    ['a|ab', 'xab', '1-2'],
    ['ab|a', 'xab', '1-3'],
    ['', 'a', '0-0'],
    ['x', 'abc', undefined],
    ['^b', 'ab', undefined],
    ['c$', 'abc', '2-3'],
    ['\\bc\\b', 'abc c', '4-5'],
    ['(?i)B', 'ab', '1-2'],
    ['.', '😀', '0-2'],
    ['a*', 'baa', '0-0'],
    ['(a|b)*c', 'ababc', '0-5'],
  ];
  for (const [pattern, text, expected] of cases) {
    test(`${pattern} in ${text}`, () => assert.equal(find(pattern, text), expected));
  }

  test('goes on where it is told', () => {
    assert.equal(find('a', 'aba', { from: 1 }), '2-3');
    assert.equal(find('^a', 'aa', { from: 1 }), undefined);
    assert.equal(find('\\Ba', 'aa', { from: 1 }), '1-2');
  });

  test('finds what JavaScript finds, where both mean the same', () => {
    const atom = fc.constantFrom('a', 'b', '.', '[ab]', '(?:ab)', '(?:a|b)', '(?:b|ba)');
    const piece = fc.tuple(atom, fc.constantFrom('', '*', '+', '?', '*?', '+?', '??'));
    const pattern = fc.array(piece, { minLength: 1, maxLength: 4 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 });
    fc.assert(
      fc.property(pattern, text, (pieces, within) => {
        const source = pieces.map(([one, times]) => one + times).join('');
        const expected = new RegExp(source).exec(within);
        const found = expected && `${expected.index}-${expected.index + expected[0].length}`;
        assert.equal(find(source, within), found ?? undefined, source);
      }),
    );
  });

  test('stops when the effort is spent', () => {
    assert.equal(find('(a|a)*b', 'a'.repeat(10_000), { stepsMax: 1_000 }), undefined);
  });
});
