import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { LineSplitter, LineTooLongError } from './line-splitter.ts';
import { parseWatchFrame } from './parse-watch-frame.ts';
import { encodeWatchFrame } from './watch-event.ts';

const types = ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR'] as const;

test('encodeWatchFrame() writes one line of JSON', () => {
  const frame = encodeWatchFrame('ADDED', encode('{"kind":"Pod"}'));
  assert.equal(decode(frame), '{"type":"ADDED","object":{"kind":"Pod"}}\n');
});

test('watch events survive writing, any cut, and reading', () => {
  const object = fc
    .record(
      { kind: fc.string({ unit: 'binary' }), apiVersion: fc.string() },
      { noNullPrototype: true },
    )
    .map((value) => JSON.parse(JSON.stringify(value)) as { kind: string; apiVersion: string });
  const event = fc.record({ type: fc.constantFrom(...types), object }, { noNullPrototype: true });
  fc.assert(
    fc.property(fc.array(event), fc.array(fc.integer({ min: 1, max: 9 })), (events, cuts) => {
      const frames = events.map((each) =>
        encodeWatchFrame(each.type, encode(JSON.stringify(each.object))),
      );
      const splitter = new LineSplitter({ lineBytesMax: 10_000 });
      const lines = cut(concat(frames), cuts).flatMap((chunk) => splitter.push(chunk));
      assert.deepEqual(
        lines.map((line) => parseWatchFrame(line)),
        events.map((each) => ({ kind: 'event', event: each })),
      );
      assert.equal(splitter.rest().length, 0);
    }),
  );
});

test('LineSplitter skips blank lines and answers what is left', () => {
  const splitter = new LineSplitter({ lineBytesMax: 10 });
  assert.deepEqual(splitter.push(encode('\n\na\n\nb\nc')).map(decode), ['a', 'b']);
  assert.equal(decode(splitter.rest()), 'c');
  assert.equal(splitter.rest().length, 0);
});

test('LineSplitter keeps its own copy of an unfinished line', () => {
  const splitter = new LineSplitter({ lineBytesMax: 10 });
  const chunk = encode('ab');
  splitter.push(chunk);
  chunk.fill(0);
  assert.deepEqual(splitter.push(encode('c\n')).map(decode), ['abc']);
});

test('LineSplitter refuses a line that is too long, finished or not', () => {
  const splitter = (): LineSplitter => new LineSplitter({ lineBytesMax: 3 });
  assert.deepEqual(splitter().push(encode('abc\n')).map(decode), ['abc']);
  assert.throws(() => splitter().push(encode('abcd\n')), LineTooLongError);
  assert.throws(() => splitter().push(encode('abcd')), LineTooLongError);
  const cutting = splitter();
  cutting.push(encode('ab'));
  assert.throws(() => cutting.push(encode('cd')), LineTooLongError);
});

test('parseWatchFrame() says why a line is no event', () => {
  const problemOf = (text: string): string => {
    const parsed = parseWatchFrame(encode(text));
    return parsed.kind === 'malformed' ? parsed.problem : '';
  };
  assert.match(problemOf('{"type":"ADDED"'), /^unexpected end/);
  assert.match(problemOf('null'), /without an object/);
  assert.match(problemOf('{"type":"ADDED","object":1}'), /without an object/);
  assert.match(problemOf('{"type":"X","object":{}}'), /unknown watch event type "X"/);
});

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let at = 0;
  for (const size of sizes) {
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return [...chunks, bytes.subarray(at)];
}
