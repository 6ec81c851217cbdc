import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requestLines } from './request-lines.ts';

test('requestLines() keeps no more than so many lines for a slow reader, and says how many it left out', async () => {
  const written: string[] = [];
  let read = (): void => {};
  const isRead = new Promise<void>((resolve) => (read = resolve));
  const write = requestLines({
    writeError: (text) => {
      written.push(text);
      return isRead;
    },
  });
  for (let count = 0; count < 10_007; count += 1) write('line\n');
  assert.equal(written.length, 10_000);
  read();
  await isRead;
  await new Promise(setImmediate);
  write('last\n');
  write('very last\n');
  assert.deepEqual(written.slice(10_000), ['7 requests are not told of\nlast\n', 'very last\n']);
});
