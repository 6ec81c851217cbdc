import { equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { DerError, contentOf, readDerText, readDerValues } from './der.ts';

const bytes = (...each: readonly number[]): Uint8Array => Uint8Array.from(each);
const text = (tag: number, ...content: readonly number[]) => ({ tag, content: bytes(...content) });

const refusals: readonly (readonly [what: string, read: () => unknown, message: RegExp])[] = [
  ['a tag of several bytes', () => readDerValues(bytes(0x1f, 0x01, 0x00)), /more than one byte/],
  ['a length without an end', () => readDerValues(bytes(0x04, 0x80)), /indefinite or too large/],
  ['a length of five bytes', () => readDerValues(bytes(0x04, 0x85, 1, 1, 1, 1, 1)), /too large/],
  ['a length that could be shorter', () => readDerValues(bytes(0x04, 0x81, 1, 0)), /longer than/],
  ['a value that ends too late', () => readDerValues(bytes(0x04, 0x02, 0x00)), /ends beyond/],
  ['a length that is cut off', () => readDerValues(bytes(0x04)), /cut off/],
  ['a value that is missing', () => contentOf(undefined, 0x04), /is missing/],
  ['a value of another tag', () => contentOf(text(0x04), 0x30), /expected DER tag 48, found 4/],
  ['text of a tag that holds none', () => readDerText(text(0x04)), /is not text/],
  ['text in a broken encoding', () => readDerText(text(0x0c, 0xff)), /text is not utf-8/],
];

for (const [what, read, message] of refusals) {
  test(`DER is refused: ${what}`, () => {
    throws(read, (error) => error instanceof DerError && message.test(error.message));
  });
}

test('DER is read up to the longest short length', () => {
  equal(
    readDerValues(bytes(0x04, 0x7f, ...Array.from({ length: 127 }, () => 0)))[0]?.content.length,
    127,
  );
});
