import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDryRun } from './dry-run.ts';

test('readDryRun() takes what kubectl takes, also alone and as a truth value', () => {
  for (const none of [undefined, 'none', false, 'false'] as const) {
    assert.equal(readDryRun(none), 'none');
  }
  for (const client of ['client', true, 'true'] as const) {
    assert.equal(readDryRun(client), 'client');
  }
  assert.equal(readDryRun('server'), 'server');
  assert.throws(() => readDryRun('maybe'), /Invalid dry-run value \(maybe\)/);
});
