import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grantLine } from './needed-rule.ts';

test('grantLine() gives the shell nothing to run that a server has named', () => {
  const rule = {
    verbs: ['$(a)'],
    apiGroups: ['g;b'],
    resources: ['p`c`/x'],
    resourceNames: ["n'd"],
    namespace: 's|e',
  };
  for (const username of ['$(f)', 'system:serviceaccount:a;g:b&h']) {
    const line = grantLine(rule, { username, groups: [] });
    // Whatever is outside of quotes is a word, or joins two commands of ours.
    const bare = line.replaceAll(/'[^']*'|\\'/g, '');
    assert.match(
      bare,
      /^kubectl create role [\w-]+ [^;|`$&]* && kubectl create rolebinding [^;|`$&]*$/,
    );
  }
});
