import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@fairway/host/testing';
import { ExternalNames } from './external-names.ts';

test('the addresses of a name are asked for once in a while, those of few names are kept', async () => {
  const clock = new ManualClock();
  const asked: string[] = [];
  const lookup = async (name: string): Promise<readonly string[]> => {
    asked.push(name);
    if (name === 'unknown') throw new Error('not found');
    return ['192.0.2.1'];
  };
  const names = new ExternalNames({ lookup, clock });
  assert.deepEqual(await names.addressesOf('192.0.2.9'), ['192.0.2.9']);
  assert.deepEqual(await names.addressesOf('a'), ['192.0.2.1']);
  assert.deepEqual(await names.addressesOf('a'), ['192.0.2.1']);
  assert.deepEqual(await names.addressesOf('unknown'), []);
  assert.deepEqual(asked, ['a', 'unknown']);
  await clock.advance(5_000);
  await names.addressesOf('a');
  assert.deepEqual(asked, ['a', 'unknown', 'a']);
  for (let at = 0; at < 1_000; at++) await names.addressesOf(`name-${at}`);
  await names.addressesOf('a');
  assert.equal(asked.filter((each) => each === 'a').length, 3, 'the oldest was let go of');
});
