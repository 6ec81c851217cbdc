import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError, type HttpRequest, type HttpResponse } from '@fairway/protocol';
import fc from 'fast-check';
import { ConnectionError } from '../transport/connection-error.ts';
import { buildRequest } from './build-request.ts';
import { decodeResponse } from './decode-response.ts';

const request: HttpRequest = buildRequest({ method: 'GET', path: '/api/v1/pods' });

test('decodeResponse() keeps fields that nobody here knows', async () => {
  const object = { kind: 'Pod', spec: { 'x-new': [1, { deep: null }] } };
  assert.deepEqual(await decodeResponse(request, answer(200, JSON.stringify(object))), object);
});

test('decodeResponse() reads characters that a chunk tears apart', async () => {
  const bytes = Buffer.from(JSON.stringify({ kind: 'Pod', name: '李é🚀' }));
  const body = (async function* () {
    for (const byte of bytes) yield Uint8Array.of(byte);
  })();
  const response = { status: 200, headers: {}, body };
  assert.deepEqual(await decodeResponse(request, response), { kind: 'Pod', name: '李é🚀' });
});

test('decodeResponse() throws the Status of the server, with what its headers add', async () => {
  const status = {
    kind: 'Status',
    status: 'Failure',
    message: 'slow down',
    reason: 'TooManyRequests',
  };
  const refused = answer(429, JSON.stringify(status), { 'retry-after': '3' });
  await assert.rejects(decodeResponse(request, refused), (error) => {
    assert.ok(error instanceof ApiError);
    assert.equal(error.message, 'slow down');
    assert.equal(error.code, 429);
    assert.equal(error.status.details?.retryAfterSeconds, 3);
    return true;
  });
});

test('decodeResponse() throws a Status "Failure" that comes with 200', async () => {
  const status = {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    code: 409,
    reason: 'Conflict',
  };
  await assert.rejects(decodeResponse(request, answer(200, JSON.stringify(status))), {
    code: 409,
    reason: 'Conflict',
  });
  const success = { kind: 'Status', apiVersion: 'v1', status: 'Success' };
  assert.deepEqual(await decodeResponse(request, answer(200, JSON.stringify(success))), success);
});

for (const [code, method, reason] of [
  [404, 'GET', 'NotFound'],
  [409, 'POST', 'AlreadyExists'],
  [409, 'PUT', 'Conflict'],
  [410, 'GET', 'Expired'],
  [502, 'GET', 'InternalError'],
  [503, 'GET', 'ServiceUnavailable'],
  [418, 'GET', 'Unknown'],
  [302, 'GET', 'Unknown'],
] as const) {
  test(`decodeResponse() makes a Status of ${code} to ${method}: ${reason}`, async () => {
    const asked = { ...request, method };
    await assert.rejects(decodeResponse(asked, answer(code, '<html>sorry</html>')), (error) => {
      assert.ok(error instanceof ApiError);
      assert.equal(error.reason, reason);
      assert.equal(
        error.message,
        `${method} /api/v1/pods was answered with ${code}: <html>sorry</html>`,
      );
      return true;
    });
  });
}

test('decodeResponse() shows no more than the start of a long answer', async () => {
  await assert.rejects(decodeResponse(request, answer(500, 'é'.repeat(5_000))), (error: Error) => {
    return Buffer.byteLength(error.message) < 2_048 + 100;
  });
});

test('decodeResponse() says that an answer is no JSON', async () => {
  await assert.rejects(
    decodeResponse(request, answer(200, '<html>', { 'content-type': 'text/html' })),
    { name: 'ConnectionError', problem: 'malformed-answer', message: /not in JSON \(text\/html\)/ },
  );
});

test('decodeResponse() throws one of its two errors for any bytes under any status', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 200, max: 599 }), fc.uint8Array(), async (status, bytes) => {
      try {
        await decodeResponse(request, { status, headers: {}, body: bytes });
      } catch (error) {
        assert.ok(error instanceof ApiError || error instanceof ConnectionError, String(error));
      }
    }),
  );
});

function answer(status: number, text: string, headers: Record<string, string> = {}): HttpResponse {
  return { status, headers, body: Buffer.from(text) };
}
