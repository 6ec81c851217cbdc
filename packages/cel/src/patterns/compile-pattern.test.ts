import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { compilePattern } from './compile-pattern.ts';
import { Effort } from './effort.ts';
import { loadRe2 } from './load-re2.ts';
import { measurePattern } from './pattern-size.ts';

/** Whether a pattern matches a text, and after how many pauses that is known. */
function search(pattern: string, text: string, stepsMax = 1e9) {
  const compiled = compilePattern(pattern);
  assert.equal(compiled.kind, 'compiled', pattern);
  assert.ok(compiled.kind === 'compiled');
  const effort = new Effort(stepsMax);
  const found = compiled.pattern.search(text, effort);
  let pauses = 0;
  for (;;) {
    const isMatch = found.goOn();
    if (isMatch !== undefined) return { isMatch, pauses, effort };
    pauses++;
  }
}

/** Parts that a pattern may be made of, some of which are only right together. */
const parts =
  'a b ä 😀 . ^ $ \\b \\B \\d [ab] [^a] [[:alpha:]_] ( ) (?i) (?: | * + ? {2} {1,3} {2,} \\pL \\Qa.\\E';
const pieces = fc.array(fc.constantFrom('\n', ...parts.split(' ')), { maxLength: 12 });
const text = fc
  .array(fc.constantFrom('a', 'b', 'A', 'ä', '😀', '_', '1', ' ', '\n', '.'), { maxLength: 12 })
  .map((characters) => characters.join(''));

suite('compilePattern', () => {
  for (const [pattern, matching, other] of [
    ['^(?i)(Info|Debug)?$', ['', 'INFO', 'debug'], ['infos']],
    ['^[[:alpha:]]+$', ['abc'], ['a1', '']],
    ['^[^][]+$', ['a'], ['a]', '[']],
    ['^\\Qa.b\\E$', ['a.b'], ['axb']],
    ['^.$', ['😀', 'a'], ['😀😀', '\n']],
    ['^a(?i)b+\\z', ['aBB'], ['Ab', 'ab\n']],
    ['^\\p{Greek}+$', ['αβγ'], ['abc']],
    ['^\\d$', ['1'], ['٣']],
    ['a$', ['a', 'ba'], ['a\n']],
    ['(?m)^a$', ['b\na\nb'], ['ba']],
    ['\\bfoo\\b', ['a foo.'], ['food']],
    ['[^\\x{10}-\\x{7F}]', ['\t'], ['a']],
  ] as const) {
    test(`${pattern} matches what it does for RE2`, () => {
      for (const each of matching) assert.equal(search(pattern, each).isMatch, true, each);
      for (const each of other) assert.equal(search(pattern, each).isMatch, false, each);
    });
  }

  for (const [pattern, problem] of [
    ['[', 'missing closing ]: `[`'],
    ['(', 'missing closing ): `(`'],
    ['(?=a)', 'invalid or unsupported Perl syntax: `(?=`'],
    ['(?!a)', 'invalid or unsupported Perl syntax: `(?!`'],
    ['(a)\\1', 'invalid escape sequence: `\\1`'],
    ['a**', 'invalid nested repetition operator: `**`'],
    ['a{1001}', 'invalid repeat count: `{1001}`'],
    ['(a{1,1000}){1,1000}b', 'invalid repeat count: `{1,1000}`'],
    ['((a{100}){10}){10}', 'invalid repeat count: `{10}`'],
    ['a'.repeat(4097), 'expression too large: it must not take more than 4096 characters'],
    [
      '([ab]{1000}c){1}'.repeat(10),
      'expression too large: it must not take more than 20000 instructions',
    ],
  ] as const) {
    test(`refuses ${pattern.slice(0, 30)} as RE2 does`, () => {
      const expected = { kind: 'malformed', problem: `error parsing regexp: ${problem}` };
      assert.deepEqual(compilePattern(pattern), expected);
    });
  }

  test('finds what the library itself finds, for any pattern', () => {
    const { RE2JS } = loadRe2();
    fc.assert(
      fc.property(pieces, text, (pattern, subject) => {
        const compiled = compilePattern(pattern.join(''));
        if (compiled.kind === 'malformed') return;
        const { isMatch } = search(pattern.join(''), subject);
        assert.equal(isMatch, new RE2JS(pattern.join('')).test(subject));
      }),
      { numRuns: 2_000 },
    );
  });

  test('never takes a pattern for smaller than it becomes', () => {
    fc.assert(
      fc.property(pieces, (pattern) => {
        const compiled = compilePattern(pattern.join(''));
        if (compiled.kind === 'malformed') return;
        const { instructions } = measurePattern(pattern.join(''));
        assert.ok(
          compiled.pattern.size <= instructions,
          `${compiled.pattern.size} > ${instructions}`,
        );
      }),
      { numRuns: 2_000 },
    );
  });

  test('takes a time that grows with the text, pauses in a long one and ends when told', () => {
    const hostile = '(([ab]*)*a[ab]{50})*[xyz]';
    const short = search(hostile, 'ab'.repeat(500)).effort;
    const long = search(hostile, 'ab'.repeat(20_000));
    assert.ok(long.pauses >= 2, `${long.pauses} pauses`);
    assert.ok(!short.isSpent);
    const cut = search(hostile, 'ab'.repeat(500_000), 2_000_000);
    assert.equal(cut.isMatch, false);
    assert.ok(cut.effort.isSpent && cut.pauses <= 2);
  });
});
