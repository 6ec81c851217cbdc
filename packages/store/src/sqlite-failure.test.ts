import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeSqliteFailure } from './sqlite-failure.ts';

const place = { directory: '/data', holderFile: '/nowhere/store.pid' };

function describe(facts: { code?: string; errcode?: number }): {
  message: string;
  isFinal: boolean;
} {
  return describeSqliteFailure(Object.assign(new Error('the cause'), facts), place);
}

test('describeSqliteFailure names the directory, the cause and the remedy', () => {
  const expected: [{ code?: string; errcode?: number }, RegExp][] = [
    [
      { code: 'EACCES' },
      /^cannot use the data directory \/data \(the cause\); make it .* readable/,
    ],
    [{ code: 'EROFS' }, /use another directory$/],
    [{ errcode: 5 }, /^the data directory \/data is in use by another process; stop that process/],
    [{ errcode: 11 }, /^the store in \/data is damaged \(the cause\); restore .* backup/],
    // SQLITE_READONLY_DBMOVED and SQLITE_IOERR_FSYNC: extended codes.
    [{ errcode: 8 | (4 << 8) }, /^cannot use the data directory \/data/],
    [{ errcode: 10 | (4 << 8) }, /^the store in \/data failed \(the cause\); check the disk/],
    [{}, /^the store in \/data failed/],
  ];
  for (const [facts, message] of expected) {
    assert.match(describe(facts).message, message);
    assert.equal(describe(facts).isFinal, true);
  }
});

test('describeSqliteFailure lets a full disk be tried again, and nothing else', () => {
  for (const facts of [{ errcode: 13 }, { code: 'ENOSPC' }]) {
    assert.match(describe(facts).message, /^no room .* \/data: .* free some space/);
    assert.equal(describe(facts).isFinal, false);
  }
});
