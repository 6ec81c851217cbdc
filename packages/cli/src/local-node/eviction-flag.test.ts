import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEvictionFlag } from './eviction-flag.ts';

test('--eviction-hard says how much has to be left, in amounts or percents', () => {
  assert.deepEqual(
    parseEvictionFlag('memory.available<1Gi, nodefs.available<5%,pid.available<100'),
    [
      { signal: 'memory.available', least: { amount: 1024 ** 3 } },
      { signal: 'nodefs.available', least: { percent: 5 } },
      { signal: 'pid.available', least: { amount: 100 } },
    ],
  );
  assert.deepEqual(parseEvictionFlag('nodefs.available<0%'), []);
  assert.deepEqual(parseEvictionFlag(''), []);
});

test('what says nothing of the kind is refused', () => {
  assert.throws(() => parseEvictionFlag('disk<5%'), /--eviction-hard "disk<5%": it is about none/);
  for (const text of ['memory.available', 'memory.available<', 'memory.available<-1Mi']) {
    assert.throws(() => parseEvictionFlag(text), /say how much, as <100Mi or <10%/);
  }
  assert.throws(() => parseEvictionFlag('memory.available<101%'), /say how much/);
});
