import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeSpdyFrame } from './encode-spdy-frame.ts';
import { SpdyDecoder } from './spdy-decoder.ts';
import { SpdyError } from './spdy-error.ts';
import type { SpdyFrame } from './spdy-frame.ts';

const streamId = fc.integer({ min: 1, max: 0x7fffffff });
const word = fc.integer({ min: 0, max: 0xffffffff });
const bytes = fc.uint8Array({ maxLength: 200 });
const frames: fc.Arbitrary<SpdyFrame> = fc.oneof(
  fc.record({
    kind: fc.constant('syn-stream' as const),
    streamId,
    associatedStreamId: streamId,
    priority: fc.integer({ min: 0, max: 7 }),
    isFinal: fc.boolean(),
    isUnidirectional: fc.boolean(),
    headerBlock: bytes,
  }),
  fc.record({
    kind: fc.constantFrom('syn-reply' as const, 'headers' as const),
    streamId,
    isFinal: fc.boolean(),
    headerBlock: bytes,
  }),
  fc.record({ kind: fc.constant('rst-stream' as const), streamId, status: word }),
  fc.record({
    kind: fc.constant('settings' as const),
    settings: fc.array(
      fc.record({
        id: fc.integer({ min: 0, max: 0xffffff }),
        flags: fc.integer({ min: 0, max: 255 }),
        value: word,
      }),
      { maxLength: 5 },
    ),
  }),
  fc.record({ kind: fc.constant('ping' as const), id: word }),
  fc.record({ kind: fc.constant('goaway' as const), lastStreamId: streamId, status: word }),
  fc.record({ kind: fc.constant('window-update' as const), streamId, delta: streamId }),
  fc.record({ kind: fc.constant('data' as const), streamId, isFinal: fc.boolean(), bytes }),
);

test('SpdyDecoder reads what encodeSpdyFrame() writes, however it is cut', () => {
  fc.assert(
    fc.property(
      fc.array(frames, { maxLength: 8 }),
      fc.integer({ min: 1, max: 64 }),
      (sent, cut) => {
        const wire = Buffer.concat(sent.map(encodeSpdyFrame));
        const decoder = new SpdyDecoder();
        const read: SpdyFrame[] = [];
        for (let at = 0; at < wire.length; at += cut) {
          read.push(...decoder.push(wire.subarray(at, at + cut)));
        }
        assert.deepEqual(inBytes(read), inBytes(sent));
      },
    ),
  );
});

test('SpdyDecoder refuses or reads any bytes, and never fails otherwise', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (junk, isControl) => {
      if (isControl) junk.set([0x80, 3, 0].slice(0, junk.length));
      try {
        new SpdyDecoder().push(junk);
      } catch (error) {
        assert.ok(error instanceof SpdyError);
      }
    }),
    { numRuns: 500 },
  );
});

test('SpdyDecoder refuses a control frame beyond its bound before it has arrived', () => {
  const head = Uint8Array.of(0x80, 3, 0, 1, 0, 0x02, 0, 0);
  assert.throws(() => new SpdyDecoder().push(head), { name: 'SpdyError', problem: 'too-long' });
});

test('SpdyDecoder passes over frames of types that it does not know', () => {
  const unknown = Uint8Array.of(0x80, 3, 0, 99, 0, 0, 0, 2, 1, 2);
  const ping = encodeSpdyFrame({ kind: 'ping', id: 7 });
  const read = new SpdyDecoder().push(Buffer.concat([unknown, ping]));
  assert.deepEqual(read, [{ kind: 'ping', id: 7 }]);
});

/** Frames with neighbouring pieces of one data frame joined: their borders mean nothing. */
function inBytes(frames: readonly SpdyFrame[]): unknown[] {
  const joined: unknown[] = [];
  let last: { kind: 'data'; streamId: number; isFinal: boolean; bytes: number[] } | undefined;
  for (const frame of frames) {
    if (frame.kind !== 'data') {
      last = undefined;
      joined.push({
        ...frame,
        ...('headerBlock' in frame ? { headerBlock: [...frame.headerBlock] } : {}),
        ...('settings' in frame ? { settings: frame.settings.map((each) => ({ ...each })) } : {}),
      });
    } else if (last?.streamId === frame.streamId && !last.isFinal) {
      last.bytes.push(...frame.bytes);
      last.isFinal = frame.isFinal;
    } else {
      last = { ...frame, bytes: [...frame.bytes] };
      joined.push(last);
    }
  }
  return joined;
}
