import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encode } from 'dns-packet';
import { KeptAnswers } from './kept-answers.ts';

function answer(bytes: number): Buffer {
  return encode({
    type: 'response',
    questions: [{ name: 'example.com', type: 'TXT' }],
    answers: [{ type: 'TXT', name: 'example.com', ttl: 30, data: Buffer.alloc(bytes, 'x') }],
  });
}

test('KeptAnswers lets go of what was asked for least recently, by number and by bytes', () => {
  const kept = new KeptAnswers();
  const small = answer(1);
  for (let index = 0; index < 10_000; index++) kept.put(`${index}`, small, 0);
  assert.ok(kept.get('0', 0));
  kept.put('one more', small, 0);
  assert.deepEqual([kept.get('0', 0) !== undefined, kept.get('1', 0)], [true, undefined]);

  const bulky = new KeptAnswers();
  const large = encode({
    type: 'response',
    questions: [{ name: 'example.com', type: 'TXT' }],
    answers: [
      {
        type: 'TXT',
        name: 'example.com',
        ttl: 30,
        data: Array.from({ length: 250 }, () => 'x'.repeat(250)),
      },
    ],
  });
  const fitting = Math.floor((8 * 1024 * 1024) / large.length);
  for (let index = 0; index <= fitting; index++) bulky.put(`${index}`, large, 0);
  const found = Array.from({ length: fitting + 1 }, (_, index) => bulky.get(`${index}`, 0));
  assert.equal(found.filter((each) => each !== undefined).length, fitting);
  assert.equal(found[0], undefined);
});

test('KeptAnswers keeps nothing that is not whole, or says that it is not to be kept', () => {
  const kept = new KeptAnswers();
  kept.put('cut', answer(10).subarray(0, -1), 0);
  const none = encode({ type: 'response', questions: [{ name: 'example.com', type: 'A' }] });
  kept.put('nothing', none, 0);
  const failed = answer(10);
  failed.writeUInt16BE(0x81_82, 2);
  kept.put('failed', failed, 0);
  assert.deepEqual(
    ['cut', 'nothing', 'failed'].map((key) => kept.get(key, 0)),
    [undefined, undefined, undefined],
  );
});
