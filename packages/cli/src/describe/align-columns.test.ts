import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alignColumns } from './align-columns.ts';

test('alignColumns() aligns cells that stand directly below each other', () => {
  assert.equal(alignColumns('a\tb\nccc\td\n'), 'a    b\nccc  d\n');
  assert.equal(alignColumns('a\tb\nalone\nccc\td\n'), 'a  b\nalone\nccc  d\n');
});

test('alignColumns() leaves what follows the last tab in no column', () => {
  assert.equal(alignColumns('a\tlong long\nb\tc\td\n'), 'a  long long\nb  c  d\n');
  assert.equal(alignColumns('host\t\n \t/\tback\n'), 'host  \n      /  back\n');
});

test('alignColumns() aligns a column anew where lines without it come between', () => {
  const text = 'x\taaaa\t1\nx\tb\nx\tc\t2\n';
  assert.equal(alignColumns(text), 'x  aaaa  1\nx  b\nx  c  2\n');
});

test('alignColumns() counts characters, and gives an empty column its gap', () => {
  assert.equal(alignColumns('äöü\t1\na\t2\n'), 'äöü  1\na    2\n');
  assert.equal(alignColumns('🙂\t1\nab\t2\n'), '🙂   1\nab  2\n');
  assert.equal(alignColumns('a\t\tb\n'), 'a    b\n');
  assert.equal(alignColumns(''), '');
});
