import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpRequest, UpgradeAnswer } from '@fairway/protocol';
import { byteStreamPair } from '@fairway/protocol/streams';
import { type Upstream, forwardRequest, forwardUpgrade } from './forward.ts';

const request: HttpRequest = {
  method: 'POST',
  path: '/here/there',
  query: 'a=b',
  headers: { upgrade: 'websocket', connection: 'Upgrade', accept: '*/*' },
  body: Buffer.from('bytes'),
  signal: new AbortController().signal,
};

/** A server that notes what it gets and answers every request alike. */
function upstream(answer: UpgradeAnswer): Upstream & { readonly asked: HttpRequest[] } {
  const asked: HttpRequest[] = [];
  return {
    asked,
    async send(sent) {
      asked.push(sent);
      return answer.kind === 'refused' ? answer.response : assert.fail();
    },
    async upgrade(sent) {
      asked.push(sent);
      return answer;
    },
  };
}

const answered: UpgradeAnswer = {
  kind: 'refused',
  response: {
    status: 403,
    headers: { 'x-why': 'no', connection: 'close, x-hop', 'x-hop': '1' },
    body: undefined,
  },
};
const requestOf = (asked: HttpRequest): HttpRequest => ({ ...asked, path: '/there', headers: {} });
const failureOf = (failure: unknown): unknown => failure;

test('what goes on and comes back has no header of a single connection', async () => {
  const to = upstream(answered);
  const responseOf = (response: { readonly headers: object }) => ({
    status: 418,
    headers: { ...response.headers, 'x-seen': '1' },
    body: undefined,
  });
  const parts = { to, requestOf, failureOf, responseOf };
  const expected = { status: 418, headers: { 'x-why': 'no', 'x-seen': '1' }, body: undefined };
  assert.deepEqual(await forwardRequest(parts)(request), expected);
  const refused = await forwardUpgrade(parts)(request);
  assert.deepEqual(refused, { kind: 'refused', response: expected });
  assert.deepEqual(
    to.asked.map(({ path, headers, body }) => ({ path, headers, hasBody: body !== undefined })),
    [
      { path: '/there', headers: {}, hasBody: true },
      { path: '/there', headers: { upgrade: 'websocket' }, hasBody: false },
    ],
  );
});

test('forwardUpgrade() hands on the stream and the protocol that was agreed on', async () => {
  const [stream] = byteStreamPair();
  const headers = { upgrade: 'websocket', connection: 'Upgrade', 'sec-websocket-accept': 'x' };
  const to = upstream({ kind: 'accepted', headers, stream });
  const answer = await forwardUpgrade({ to, requestOf, failureOf })(request);
  assert.ok(answer.kind === 'accepted');
  assert.equal(answer.stream, stream);
  assert.deepEqual(answer.headers, { upgrade: 'websocket', 'sec-websocket-accept': 'x' });
});

test('a server that cannot be reached is told of in the words of who forwards', async () => {
  const fail = async (): Promise<never> => {
    throw new Error('refused');
  };
  const parts = {
    to: { send: fail, upgrade: fail },
    requestOf,
    failureOf: (failure: unknown) => new Error(`no way: ${(failure as Error).message}`),
  };
  await assert.rejects(forwardRequest(parts)(request), { message: 'no way: refused' });
  await assert.rejects(forwardUpgrade(parts)(request), { message: 'no way: refused' });
});
