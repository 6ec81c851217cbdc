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

test('withWarnings() cuts what has more than 4096 characters together', () => {
  const texts = Array.from({ length: 4 }, (_, at) => String(at).repeat(1_024));
  deepEqual(
    warningsOf(texts),
    texts.map((text) => `299 - "${text}"`),
  );
  const more = Array.from({ length: 30 }, (_, at) => `${at}é`.padEnd(300, 'x'));
  const cut = more.slice(0, 16).map((text) => `299 - "${text.slice(0, 256)}"`);
  deepEqual(
    warningsOf(more),
    cut.map((text) => Buffer.from(text).toString('latin1')),
  );
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
