import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ApiError } from './api-error.ts';
import { formatContinueToken, parseContinueToken } from './continue-token.ts';

test('formatContinueToken() writes what kube-apiserver writes', () => {
  const token = 'eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MjExNDYsInN0YXJ0IjoiL2FcdTAwMDAifQ';
  assert.equal(formatContinueToken({ revision: 21146, startKey: 'a\0' }), token);
  assert.deepEqual(parseContinueToken(token), { revision: 21146, startKey: 'a\0' });
});

test('parseContinueToken() says what is wrong with a token', () => {
  const encode = (json: string): string => btoa(json).replaceAll('=', '');
  const refusals: readonly (readonly [string, string])[] = [
    ['abc', "invalid character 'i' looking for beginning of value"],
    ['a b', 'illegal base64 data at input byte 1'],
    ['abcde', 'illegal base64 data at input byte 4'],
    [encode('{'), 'unexpected end of JSON input'],
    [encode('{"v":"x"}'), 'server does not recognize this encoded version "x"'],
    [
      encode('{"v":"meta.k8s.io/v1","rv":0}'),
      'incorrect encoded start resourceVersion (version meta.k8s.io/v1)',
    ],
    [encode('{"v":"meta.k8s.io/v1","rv":1}'), 'encoded start key empty (version meta.k8s.io/v1)'],
    [encode('{"v":"meta.k8s.io/v1","rv":1,"start":"/../b"}'), '/../b'],
    [encode('{"v":"meta.k8s.io/v1","rv":1,"start":"//b"}'), '//b'],
  ];
  for (const [text, why] of refusals) {
    const message = `invalid continue token: continue key is not valid: ${why}`;
    assert.throws(() => parseContinueToken(text), { name: 'ApiError', code: 400, message });
  }
});

test('continue tokens survive writing and reading', () => {
  const part = fc
    .string({ unit: 'grapheme', minLength: 1 })
    .filter((text) => !text.includes('/') && text !== '.' && text !== '..');
  const revision = fc.oneof(fc.constant(-1), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }));
  fc.assert(
    fc.property(fc.array(part, { minLength: 1 }), revision, (parts, at) => {
      const token = { revision: at, startKey: parts.join('/') };
      assert.deepEqual(parseContinueToken(formatContinueToken(token)), token);
    }),
  );
});

test('parseContinueToken() throws nothing but an ApiError', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json().map((json) => btoa(escape(json))),
      ),
      (text) => {
        try {
          parseContinueToken(text);
        } catch (error) {
          assert.ok(error instanceof ApiError);
        }
      },
    ),
  );
});

/** To Latin-1, which is all that `btoa` takes. */
function escape(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?');
}
