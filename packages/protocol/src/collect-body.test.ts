import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectBody, startOfBody } from './collect-body.ts';

const bytesMax = 25;
const bound = { bytesMax, tooLong: () => new RangeError('too long') };

/** Ten bytes again and again. */
function endless() {
  const seen = { readBytes: 0, isLetGo: false };
  const body = (async function* () {
    try {
      for (;;) {
        seen.readBytes += 10;
        yield new Uint8Array(10).fill(seen.readBytes);
      }
    } finally {
      seen.isLetGo = true;
    }
  })();
  return { body, seen };
}

async function* chunks(...parts: readonly string[]): AsyncGenerator<Uint8Array, undefined> {
  for (const part of parts) yield new TextEncoder().encode(part);
}

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

test('collectBody() answers all bytes in one piece, whatever the form of the body', async () => {
  assert.equal((await collectBody(undefined)).length, 0);
  const whole = new Uint8Array(3);
  assert.equal(await collectBody(whole, bound), whole);
  assert.equal(textOf(await collectBody(chunks('one', ' ', 'two'), bound)), 'one two');
  assert.equal(textOf(await collectBody(chunks('x'.repeat(bytesMax)), bound)).length, bytesMax);
});

test('collectBody() refuses more than its bound, and lets the rest go', async () => {
  const { body, seen } = endless();
  await assert.rejects(collectBody(body, bound), RangeError);
  assert.deepEqual(seen, { readBytes: 30, isLetGo: true });
  await assert.rejects(collectBody(new Uint8Array(bytesMax + 1), bound), RangeError);
});

test('startOfBody() answers no more than it was asked for, and lets the rest go', async () => {
  const { body, seen } = endless();
  assert.equal((await startOfBody(body, bytesMax)).length, bytesMax);
  assert.deepEqual(seen, { readBytes: 30, isLetGo: true });
  assert.equal((await startOfBody(new Uint8Array(100), bytesMax)).length, bytesMax);
  assert.equal(textOf(await startOfBody(chunks('a', 'b'), bytesMax)), 'ab');
  assert.equal((await startOfBody(undefined, bytesMax)).length, 0);
});
