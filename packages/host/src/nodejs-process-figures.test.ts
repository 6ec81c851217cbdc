import assert from 'node:assert/strict';
import { open } from 'node:fs/promises';
import { test } from 'node:test';
import { processFigures } from './nodejs-process-figures.ts';

test('a process knows what it uses', { skip: process.platform !== 'linux' }, async () => {
  const before = await processFigures();
  const files = await Promise.all(Array.from({ length: 50 }, () => open(import.meta.filename)));
  const after = await processFigures();
  await Promise.all(files.map((file) => file.close()));
  assert.ok((after.openFiles ?? 0) > files.length);
  assert.ok((after.openFilesMax ?? 0) > (after.openFiles ?? 0));
  assert.ok(after.cpuSeconds >= before.cpuSeconds && before.cpuSeconds > 0);
  assert.ok(Math.abs(after.startedMs - (Date.now() - process.uptime() * 1000)) < 5_000);
  assert.ok((after.virtualBytes ?? 0) > after.residentBytes);
  assert.ok(after.heapTotalBytes >= after.heapUsedBytes);
});
