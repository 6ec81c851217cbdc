import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { Call } from './call.ts';
import { withWarnings } from './with-warnings.ts';

const response = { status: 200, headers: {}, body: undefined };

function warningsOf(warnings: readonly string[], resource: object = {}): unknown {
  const call = { warnings, resource } as unknown as Call;
  return withWarnings(call, response).headers['warning'];
}

test('withWarnings() adds 4096 bytes of warnings at most', () => {
  // `299 - "…"` takes eight bytes beside the text.
  const texts = Array.from({ length: 5 }, (_, at) => String(at).repeat(1_016));
  const sent = texts.slice(0, 4).map((text) => `299 - "${text}"`);
  equal(sent.join('').length, 4_096);
  deepEqual(warningsOf(texts), sent);
});

test('withWarnings() says a thing once, the deprecation of the resource first', () => {
  deepEqual(warningsOf(['b', 'a', 'b'], { deprecationWarning: 'a' }), ['299 - "a"', '299 - "b"']);
  equal(warningsOf([]), undefined);
});

test('withWarnings() writes what a header may hold', () => {
  deepEqual(warningsOf(['a "b" \\ \n é']), ['299 - "a \\"b\\" \\\\ ? ?"']);
});
