import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { prefixing, wholeLines } from './whole-lines.ts';

test('wholeLines() cuts only where lines end, and loses nothing', async () => {
  const chunks = fc.array(fc.array(fc.constantFrom('a', '\n')).map((each) => each.join('')));
  await fc.assert(
    fc.asyncProperty(chunks, async (texts) => {
      async function* source(): AsyncGenerator<Uint8Array> {
        for (const text of texts) yield Buffer.from(text);
      }
      const pieces = await Array.fromAsync(wholeLines(source()));
      assert.equal(Buffer.concat(pieces).toString(), texts.join(''));
      for (const piece of pieces.slice(0, -1)) assert.equal(piece.at(-1), 10);
    }),
  );
});

test('wholeLines() gives a line without end in pieces', async () => {
  async function* source(): AsyncGenerator<Uint8Array> {
    for (let count = 0; count < 40; count += 1) yield Buffer.alloc(64 * 1024);
  }
  const pieces = await Array.fromAsync(wholeLines(source()));
  assert.ok(pieces.length > 1);
  assert.equal(Buffer.concat(pieces).length, 40 * 64 * 1024);
});

test('prefixing() puts the prefix before each line once, wherever lines are cut', () => {
  const withPrefix = prefixing('> ');
  const shown = ['one\ntw', 'o\n', '\nlast'].map((text) => withPrefix(Buffer.from(text)));
  assert.equal(Buffer.concat(shown).toString(), '> one\n> two\n> \n> last');
});
