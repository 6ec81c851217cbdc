import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeHeaderBlock, encodeHeaderBlock } from './header-block.ts';
import { SpdyError } from './spdy-error.ts';
import { zlibHeaderCompression } from './zlib-header-compression.ts';

const name = fc.stringMatching(/^[a-z:][a-z0-9-]{0,20}$/);
const value = fc.string().filter((text) => !text.includes('\0'));
const headers = fc.dictionary(name, fc.oneof(value, fc.array(value, { minLength: 2 })));

test('header blocks come through compression as they were, one after the other', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(headers, { maxLength: 4 }), async (blocks) => {
      const [near, far] = [zlibHeaderCompression(), zlibHeaderCompression()];
      for (const sent of blocks) {
        const compressed = await near.compress(encodeHeaderBlock(sent));
        const read = decodeHeaderBlock(await far.decompress(compressed));
        assert.deepEqual({ ...read }, { ...sent });
      }
      near.close();
      far.close();
    }),
    { numRuns: 30 },
  );
});

test('decodeHeaderBlock() refuses or reads any bytes, and never fails otherwise', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (junk) => {
      try {
        decodeHeaderBlock(Buffer.concat([Uint8Array.of(0, 0), junk]));
      } catch (error) {
        assert.ok(error instanceof SpdyError);
      }
    }),
  );
});

test('zlibHeaderCompression() refuses what is not compressed, and what grows beyond its bound', async () => {
  const near = zlibHeaderCompression();
  const bomb = await near.compress(new Uint8Array(1_000_000));
  const refusing = zlibHeaderCompression();
  await assert.rejects(refusing.decompress(bomb), { problem: 'too-long' });
  await assert.rejects(refusing.decompress(bomb), { problem: 'gone' });
  const junk = Buffer.from('not compressed');
  await assert.rejects(zlibHeaderCompression().decompress(junk), { problem: 'malformed' });
  near.close();
});
