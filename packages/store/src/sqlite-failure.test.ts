import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JournalError } from './journal.ts';
import { describeSqliteFailure } from './sqlite-failure.ts';

const place = { directory: '/data', holderFile: '/nowhere/store.pid' };

function describe(facts: { code?: string; errcode?: number }): JournalError {
  return describeSqliteFailure(Object.assign(new Error('the cause'), facts), place);
}

test('describeSqliteFailure names the directory, the cause and the remedy', () => {
  const expected: [{ code?: string; errcode?: number }, string, RegExp][] = [
    [
      { code: 'EACCES' },
      'unusable',
      /^cannot use the data directory \/data \(the cause\); make it .* readable/,
    ],
    [{ code: 'EROFS' }, 'unusable', /use another directory$/],
    [
      { errcode: 5 },
      'in use',
      /^the data directory \/data is in use by another process; stop that process/,
    ],
    [
      { errcode: 11 },
      'damaged',
      /^the store in \/data is damaged: the cause; `fairway store check`.* `fairway store repair`/,
    ],
    // SQLITE_IOERR_SHORT_READ, SQLITE_READONLY_DBMOVED, SQLITE_IOERR_FSYNC: extended codes.
    [{ errcode: 10 | (2 << 8) }, 'damaged', /^the store in \/data is damaged/],
    [{ errcode: 8 | (4 << 8) }, 'unusable', /^cannot use the data directory \/data/],
    [
      { errcode: 10 | (4 << 8) },
      'other',
      /^the store in \/data failed \(the cause\); check the disk/,
    ],
    [{}, 'other', /^the store in \/data failed/],
    [{ errcode: 13 }, 'full', /^no room .* \/data: .* free some space/],
    [{ code: 'ENOSPC' }, 'full', /^no room .* \/data: .* free some space/],
  ];
  for (const [facts, kind, message] of expected) {
    assert.match(describe(facts).message, message);
    assert.equal(describe(facts).kind, kind);
  }
});

test('describeSqliteFailure gives a reason that does not tell where the store lies', () => {
  for (const errcode of [1, 5, 8, 10, 11, 13]) {
    const { reason } = describe({ errcode });
    assert.ok(reason.length > 10 && !reason.includes('/data'), reason);
  }
});
