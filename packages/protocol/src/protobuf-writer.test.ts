import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProtobufWriter } from './protobuf-writer.ts';

/** Writes backwards, as callers do, and reads as hexadecimal what came of it. */
function written(write: (writer: ProtobufWriter) => void): string {
  const writer = new ProtobufWriter();
  write(writer);
  return Buffer.from(writer.finish()).toString('hex');
}

const sizes = [0, 1, 900, 1022, 1023, 1024, 1025, 2047, 2048, 2049, 4096, 70_000];

for (const before of sizes) {
  test(`ProtobufWriter keeps every byte when it grows behind ${before} bytes`, () => {
    for (let size = 0; size < 2_300; size += size < 1_000 || size > 1_100 ? 37 : 1) {
      const first = Buffer.alloc(before, 0xa5);
      const second = Buffer.from(Array.from({ length: size }, (_, at) => at & 0xff));
      const hex = written((writer) => {
        writer.raw(first);
        writer.raw(second);
      });
      assert.equal(hex, second.toString('hex') + first.toString('hex'), `then ${size} bytes`);
    }
  });
}

test('ProtobufWriter writes texts and numbers across every border of its buffer', () => {
  for (let before = 1_000; before < 1_030; before++) {
    const filler = Buffer.alloc(before, 0x5a);
    const hex = written((writer) => {
      writer.raw(filler);
      writer.string('é');
      writer.string('ab');
      writer.int64(-1);
      writer.double(1);
      writer.uint32(300);
    });
    const expected = ['ac02', '000000000000f03f', 'ffffffffffffffffff01', '026162', '02c3a9'].join(
      '',
    );
    assert.equal(hex, expected + filler.toString('hex'), `behind ${before} bytes`);
  }
});
