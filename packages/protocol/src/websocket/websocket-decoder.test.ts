import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeCloseReason, encodeWebSocketFrame } from './encode-websocket-frame.ts';
import { WebSocketDecoder, type WebSocketEvent } from './websocket-decoder.ts';
import { WebSocketError } from './websocket-error.ts';

const messageBytesMax = 100_000;
const mask = fc.uint8Array({ minLength: 4, maxLength: 4 });
const messages = fc
  .record({
    kind: fc.constantFrom('text' as const, 'binary' as const),
    parts: fc.array(
      fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.constant(new Uint8Array(66_000).fill(7))),
      { minLength: 1, maxLength: 2, size: 'small' },
    ),
  })
  .filter(({ parts }) => parts.reduce((sum, part) => sum + part.length, 0) <= messageBytesMax);

test('WebSocketDecoder joins what encodeWebSocketFrame() writes, however it is cut', () => {
  const property = fc.property(
    fc.array(messages, { maxLength: 3 }),
    fc.option(mask, { nil: undefined }),
    fc.integer({ min: 1, max: 40_000 }),
    (sent, mask, cut) => {
      const wire = Buffer.concat(
        sent.flatMap(({ kind, parts }) =>
          parts.flatMap((payload, index) => [
            encodeWebSocketFrame({
              kind: index === 0 ? kind : 'continuation',
              payload,
              isFinal: index === parts.length - 1,
              ...(mask === undefined ? {} : { mask }),
            }),
            // Control frames may come in between.
            encodeWebSocketFrame({
              kind: 'ping',
              payload: new Uint8Array(),
              ...(mask === undefined ? {} : { mask }),
            }),
          ]),
        ),
      );
      const decoder = new WebSocketDecoder({ isMasked: mask !== undefined, messageBytesMax });
      const read: WebSocketEvent[] = [];
      for (let at = 0; at < wire.length; at += cut) {
        read.push(...decoder.push(wire.subarray(at, at + cut)));
      }
      const received = read.filter(({ kind }) => kind !== 'ping');
      assert.equal(received.length, sent.length);
      received.forEach((event, index) => {
        assert.equal(event.kind, sent[index]?.kind);
        assert.ok('payload' in event);
        assert.ok(Buffer.concat(sent[index]?.parts ?? []).equals(event.payload));
      });
    },
  );
  fc.assert(property, { numRuns: 60 });
});

test('WebSocketDecoder refuses or reads any bytes, and never fails otherwise', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.boolean(), (junk, isMasked) => {
      try {
        new WebSocketDecoder({ isMasked, messageBytesMax }).push(junk);
      } catch (error) {
        assert.ok(error instanceof WebSocketError);
      }
    }),
    { numRuns: 500 },
  );
});

test('WebSocketDecoder refuses a message beyond its bound before it has arrived', () => {
  const decoder = (): WebSocketDecoder =>
    new WebSocketDecoder({ isMasked: false, messageBytesMax: 10 });
  const part = (kind: 'binary' | 'continuation', length: number): Uint8Array =>
    encodeWebSocketFrame({ kind, payload: new Uint8Array(length), isFinal: false });
  assert.throws(() => decoder().push(part('binary', 11).subarray(0, 2)), { problem: 'too-long' });
  const wire = Buffer.concat([part('binary', 6), part('continuation', 5)]);
  assert.throws(() => decoder().push(wire), { problem: 'too-long', closeCode: 1009 });
});

test('WebSocketDecoder wants frames masked by clients, and by nobody else', () => {
  const frame = encodeWebSocketFrame({ kind: 'ping', payload: new Uint8Array() });
  const decoder = new WebSocketDecoder({ isMasked: true, messageBytesMax });
  assert.throws(() => decoder.push(frame), { problem: 'wrong-mask' });
});

test('WebSocketDecoder reads why a connection is closed', () => {
  const payload = encodeCloseReason(1000, 'done');
  const decoder = new WebSocketDecoder({ isMasked: false, messageBytesMax });
  const read = decoder.push(encodeWebSocketFrame({ kind: 'close', payload }));
  assert.deepEqual(read, [{ kind: 'close', code: 1000, reason: 'done' }]);
  assert.equal(encodeCloseReason(1000, 'é'.repeat(200)).length <= 125, true);
});
