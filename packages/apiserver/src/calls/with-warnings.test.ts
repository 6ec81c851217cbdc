import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { Call } from './call.ts';
import { apiError } from '@fairway/protocol';
import { refusalWithWarnings, warn, withWarnings } from './with-warnings.ts';

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
  deepEqual(warningsOf(['a "b" \\ \n é']), ['299 - "a \\"b\\" \\\\ ? Ã©"']);
});

test('warn() looks for no more than a thousand warnings', () => {
  let looked = 0;
  function* endless(): Iterable<string> {
    for (;;) yield `warning ${looked++}`;
  }
  const warnings: string[] = [];
  warn({ warnings } as unknown as Call, endless());
  equal(warnings.length, 1_000);
  equal(looked, 1_001);
});

test('refusalWithWarnings() tells a refused caller too, and keeps what the refusal says', () => {
  const call = { warnings: ['a'], resource: {} } as unknown as Call;
  const refusal = apiError('Conflict', 'taken', {}, { detail: 'why', headers: { allow: 'b' } });
  const told = refusalWithWarnings(call, refusal) as typeof refusal;
  deepEqual(told.headers, { allow: 'b', warning: ['299 - "a"'] });
  deepEqual([told.status, told.detail], [refusal.status, 'why']);
  const failure = new Error('of our own');
  equal(refusalWithWarnings(call, failure), failure);
});
