import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DatagramFrames, datagramFrame } from './datagram-frames.ts';

test('datagrams come out of a connection as they went in, however it cuts them', () => {
  const sent = [
    { id: 0, message: Buffer.from('first') },
    { id: 0xffff_ffff, message: Buffer.alloc(0) },
    { id: 7, message: Buffer.alloc(3_000, 7) },
  ];
  const bytes = Buffer.concat(sent.map(datagramFrame));
  for (const size of [1, 5, 6, 7, 1000, bytes.length]) {
    const frames = new DatagramFrames();
    const got = [];
    for (let at = 0; at < bytes.length; at += size) {
      for (const { id, message } of frames.take(bytes.subarray(at, at + size))) {
        got.push({ id, message: Buffer.from(message) });
      }
    }
    assert.deepEqual(got, sent);
  }
});
