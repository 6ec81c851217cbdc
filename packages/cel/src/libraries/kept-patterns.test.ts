import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Effort } from '../patterns/effort.ts';
import { CostExceeded, Work } from '../values/work.ts';
import { Failure } from '../values/value.ts';
import { KeptPatterns, findAll, matches } from './kept-patterns.ts';

suite('KeptPatterns', () => {
  test('keeps the patterns that were used last, and no more than 64', () => {
    const patterns = new KeptPatterns();
    const work = new Work();
    const first = Array.from({ length: 64 }, (_, at) => patterns.compile(`a{${at}}`, work));
    assert.equal(patterns.compile('a{0}', work), first[0]);
    patterns.compile('another', work);
    assert.equal(patterns.compile('a{0}', work), first[0]);
    assert.notEqual(patterns.compile('a{1}', work), first[1]);
  });

  test('reads no more patterns than the work allows', () => {
    const work = new Work(new Effort(1_000));
    const patterns = new KeptPatterns();
    assert.ok(patterns.compile('abc', work));
    assert.throws(() => patterns.compile('another', work), CostExceeded);
  });

  test('looks no longer than the work allows', () => {
    const pattern = new KeptPatterns().compile('a+b', new Work());
    assert.ok(pattern);
    const text = 'a'.repeat(1_000);
    const within = (): Work => new Work(new Effort(100));
    assert.ok(matches(pattern, text, within()) instanceof Failure);
    assert.ok(findAll(pattern, { text, countMax: 1 }, within()) instanceof Failure);
    assert.equal(matches(pattern, text, new Work()), false);
  });
});
