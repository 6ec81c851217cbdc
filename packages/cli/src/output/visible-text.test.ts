import assert from 'node:assert/strict';
import { test } from 'node:test';
import { styledText } from './visible-text.ts';

test('styledText() keeps colours and shows all else that steers a terminal', () => {
  const title = '\u001b]0;title\u0007';
  assert.equal(
    styledText(`\u001b[1;31mred\u001b[0m\t${title}\r\n`),
    '\u001b[1;31mred\u001b[0m\t^[]0;title\\x07\n',
  );
  assert.equal(styledText('\u001b[2Jover\r!\u001b[31'), '^[[2Jover\\x0d!^[[31');
});
