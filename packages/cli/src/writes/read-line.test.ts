import assert from 'node:assert/strict';
import { test } from 'node:test';
import { untilAborted } from '@fairway/host';
import { readLine } from './read-line.ts';

/** A terminal where these are typed, and who reads on waits for ever: here it fails. */
async function* typed(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
  throw new Error('nobody types more');
}

async function* piped(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

const { signal } = new AbortController();

test('readLine() waits for Enter, and not for the end of the input', async () => {
  assert.equal(await readLine({ input: typed('y\n'), signal }), 'y');
  assert.equal(await readLine({ input: typed('y', 'es\nno\n'), signal }), 'yes');
  assert.equal(await readLine({ input: typed('\n'), signal }), '');
});

test('readLine() takes what there is where the input ends', async () => {
  assert.equal(await readLine({ input: piped('y'), signal }), 'y');
  assert.equal(await readLine({ input: piped(), signal }), '');
});

test('readLine() ends with its caller, and with a line that nobody types', async () => {
  const ending = new AbortController();
  async function* silent(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('y');
    await untilAborted(ending.signal);
    throw new Error('nobody types more');
  }
  const reading = readLine({ input: silent(), signal: ending.signal });
  ending.abort('SIGINT');
  await assert.rejects(reading, (reason) => reason === 'SIGINT');
  const endless = typed('y'.repeat(65_537));
  await assert.rejects(readLine({ input: endless, signal }), /longer than 65536 bytes/);
});
