import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { parseStaticTokenFile } from './static-token-file.ts';

function usersOf(text: string) {
  return parseStaticTokenFile(text).map(({ token, user }) => [token.reveal(), user]);
}

test('parseStaticTokenFile() reads token, user, uid and groups', () => {
  deepEqual(usersOf('\uFEFFt1,ann,7,"ops,dev"\r\n\r\nt2,bob,\nt3,"o""neil, jr",1,one,ignored\n'), [
    ['t1', { username: 'ann', uid: '7', groups: ['ops', 'dev'] }],
    ['t2', { username: 'bob', groups: [] }],
    ['t3', { username: 'o"neil, jr', uid: '1', groups: ['one'] }],
  ]);
});

test('parseStaticTokenFile() lets the last line of a token count', () => {
  deepEqual(usersOf('t,ann,1\nt,bob,2\n'), [['t', { username: 'bob', uid: '2', groups: [] }]]);
});

for (const [text, why] of [
  ['t,ann,1\nsecret,bob\n', /^line 2 has 2 of the columns token,user,uid; write a line as token,/],
  [',ann,1', /^line 1 has no token;/],
  ['secret,,1', /^line 1 has no user;/],
  ['secret,"ann,1', /^line 1 has a quotation mark .* not closed;/],
  ['secret,an"n,1', /^line 1 has a quotation mark/],
] as const) {
  test(`parseStaticTokenFile() refuses ${JSON.stringify(text)}, and tells no token`, () => {
    throws(
      () => parseStaticTokenFile(text),
      (error: Error) => {
        equal(why.test(error.message), true, error.message);
        return !error.message.includes('secret');
      },
    );
  });
}

test('parseStaticTokenFile() takes tokens alone where they are enough', () => {
  const read = parseStaticTokenFile('one\n\ntwo,ann\n', { columnsMin: 1 });
  deepEqual(
    read.map(({ token, user }) => [token.reveal(), user.username]),
    [
      ['one', 'line 1'],
      ['two', 'ann'],
    ],
  );
  throws(() => parseStaticTokenFile(',ann', { columnsMin: 1 }), /line 1 has no token/);
});
