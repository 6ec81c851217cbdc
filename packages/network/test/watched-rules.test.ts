import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@fairway/host/testing';
import { nodejsHost } from '@fairway/host/nodejs';
import { keepTable } from '../src/nftables/keep-table.ts';
import { nftOf } from '../src/nftables/nft.ts';
import { policyFrame, policyRuleset } from '../src/policies/policy-ruleset.ts';
import { Machine, skip } from './test-machine.ts';

const host = nodejsHost();

test('rules that somebody else changes are put back, in the kernel', { skip }, async (t) => {
  await using machine = await Machine.open([]);
  const nft = nftOf({ processes: machine.processes, environment: host.environment });
  const warned: (() => void)[] = [];
  const logger = { debug() {}, info() {}, warn: () => warned.shift()?.(), error: console.error };
  const applied = Promise.withResolvers<void>();
  const kept = {
    table: { name: 'fairway-test-kept', frame: policyFrame },
    about: 'a test',
    sources: [],
    wanted: () => policyRuleset({ isolated: [], policies: [] }),
    onApplied: () => applied.resolve(),
  };
  const stopping = new AbortController();
  const keeping = keepTable(
    kept,
    { nft, clock: host.clock, random: seededRandom(1), logger },
    stopping.signal,
  );
  await applied.promise;
  const list = async (): Promise<string> => {
    const text = await machine.in('node', 'nft list table ip fairway-test-kept || true');
    // The mark of the last transaction.
    return text.replace(/0x\w+/, '');
  };
  const whole = await list();
  // What `nft monitor` has not begun to watch is found at the next look only.
  const { promise: isWatching, resolve } = Promise.withResolvers<void>();
  warned.push(resolve);
  const poke = setInterval(() => void nft.apply('add chain ip fairway-test-kept poked'), 100);
  await isWatching;
  clearInterval(poke);
  for (const change of [
    'flush chain ip fairway-test-kept forward',
    'delete table ip fairway-test-kept',
    'flush ruleset',
  ]) {
    await t.test(change, async () => {
      await nft.apply(change);
      for (let tries = 0; tries < 200 && (await list()) !== whole; tries++) await list();
      assert.equal(await list(), whole);
    });
  }
  stopping.abort();
  await keeping;
});
