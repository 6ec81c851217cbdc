import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEnvFile } from './parse-env-file.ts';

test('parseEnvFile() takes what is between the quotes as it is', () => {
  const text = `# settings
COLOR='blue'

  SIZE='a "b" $HOME \\n # no comment' # a comment
LINES='one
two'
EMPTY=''
COLOR='red'`;
  assert.deepEqual(Object.fromEntries(parseEnvFile(text)), {
    COLOR: 'red',
    SIZE: 'a "b" $HOME \\n # no comment',
    LINES: 'one\ntwo',
    EMPTY: '',
  });
  assert.equal(parseEnvFile('').size, 0);
});

test('parseEnvFile() says where it cannot read', () => {
  const rows: [string, number][] = [
    ["A='1'\nB=2\n", 2],
    ["A = '1'", 1],
    ["\n\n='1'", 3],
    ["A='1\n2", 1],
    ["A='1'B", 1],
    ['A="1"', 1],
  ];
  for (const [text, line] of rows) {
    const message = `invalid environment variable format at line ${line}`;
    assert.throws(() => parseEnvFile(text), { name: 'EnvFileError', message });
  }
});
