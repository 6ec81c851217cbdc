import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileRe2 } from '../test/re2.ts';
import { keepCompiled } from './regular-expressions.ts';

test('the regular expressions that were used last are kept, and no more than 64', () => {
  const compiled: string[] = [];
  const compile = keepCompiled((pattern) => {
    compiled.push(pattern);
    return compileRe2(pattern);
  });
  for (let at = 0; at < 64; at++) compile(`a{${at}}`);
  compile('a{0}');
  assert.equal(compiled.length, 64);
  compile('another');
  compile('a{0}');
  assert.equal(compiled.length, 65);
  compile('a{1}');
  assert.equal(compiled.length, 66);
});
