import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { mappedBytes } from './mapped-bytes.ts';

test('mappedBytes has the length that was asked for, and nothing in it', () => {
  for (const length of [0, 1, 4_095, 100_000]) {
    const bytes = mappedBytes(length);
    assert.equal(bytes.length, length);
    assert.ok(bytes.every((byte) => byte === 0));
  }
});

test(
  'mappedBytes gives memory back between what is still held',
  { skip: process.platform !== 'linux' && 'the resident set is read from /proc' },
  async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    let all: Uint8Array[] = Array.from({ length: 500 }, () => mappedBytes(100_000).fill(1));
    const fullBytes = residentBytes();
    // Every tenth stays: a heap of which only the end goes back would keep them all.
    all = all.filter((_, at) => at % 10 === 0);
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    assert.ok(fullBytes - residentBytes() > 30_000_000);
    assert.equal(all.length, 50);
  },
);

function residentBytes(): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1_024;
}
