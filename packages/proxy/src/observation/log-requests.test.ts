import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRequestTarget } from '@fairway/protocol';
import { logRequests } from './log-requests.ts';
import type { RequestNotes } from './request-notes.ts';

const { signal } = new AbortController();

function logged(
  format: 'json' | 'text',
  { method = 'GET', path = '/api/v1/pods', query = '', notes = {} as RequestNotes },
): string {
  const lines: string[] = [];
  const headers = {
    authorization: 'Bearer secret',
    'user-agent': 'me "1"\u001b[0m',
    cookie: 'secret',
  };
  const peer = { address: '127.0.0.1' };
  const request = { method, path, query, headers, body: undefined, signal, peer };
  const target = parseRequestTarget(request);
  const observer = logRequests(format, { now: () => 0 }, (line) => lines.push(line));
  observer(request)({ request, notes: { target, ...notes }, status: 200, elapsedMs: 12.345 });
  assert.equal(lines.length, 1);
  return lines[0] ?? '';
}

test('logRequests() tells on one line who did what, and how it ended', () => {
  const path = '/apis/apps/v1/namespaces/shop/deployments/web/scale';
  assert.equal(
    logged('text', { method: 'PUT', path, notes: { caller: 'ann', refusedBy: 'fence' } }),
    `1970-01-01T00:00:00.000Z 127.0.0.1 ann PUT ${path} 200 12.35ms update deployments.apps/scale shop/web (refused by fence)\n`,
  );
  assert.deepEqual(JSON.parse(logged('json', { query: 'watch=1', notes: { caller: 'a b' } })), {
    time: '1970-01-01T00:00:00.000Z',
    peer: '127.0.0.1',
    caller: 'a b',
    method: 'GET',
    path: '/api/v1/pods',
    query: 'watch=1',
    status: 200,
    elapsedMs: 12.35,
    verb: 'watch',
    resource: 'pods',
    userAgent: 'me "1"\u001b[0m',
  });
});

test('logRequests() tells no secrets, and begins no line of somebody else', () => {
  for (const format of ['json', 'text'] as const) {
    for (const line of [
      logged(format, {}),
      logged(format, { query: 'limit=5&access_token=secret&command=secret&secret' }),
      logged(format, { path: '/openid/callback', query: 'code=secret&watch=secret' }),
      logged(format, {
        path: '/api/v1/namespaces/a/services/b/proxy/login',
        query: 'limit=secret&secret',
      }),
    ]) {
      assert.doesNotMatch(line, /secret(?!s)/, line);
    }
    const line = logged(format, { path: '/api/v1/pods/\u0085\u2028x', notes: { caller: 'a\nb' } });
    assert.match(line, /^[!-~ \u0080-\uffff]+\n$/);
    assert.equal(line.split('\n').length, 2);
  }
  assert.match(
    logged('text', { query: 'limit=5&access_token=x' }),
    /pods\?limit=5&access_token=\[hidden\] 200/,
  );
});
