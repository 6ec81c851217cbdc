import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from '@fairway/client';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import type { HttpRequest } from '@fairway/protocol';
import type { Output } from '../output/output.ts';
import { tokenRequester } from './planned-tokens.ts';

test('tokenRequester() binds to the account alone where nothing else can be, and tells it once', async () => {
  const asked: unknown[] = [];
  const client = createClient({
    clock: new ManualClock(),
    random: seededRandom(1),
    async transport({ body }: HttpRequest) {
      const { spec } = JSON.parse(Buffer.from(body as Uint8Array).toString()) as {
        spec: { boundObjectRef?: { name: string } };
      };
      asked.push(spec.boundObjectRef?.name ?? 'account alone');
      const answer =
        spec.boundObjectRef === undefined
          ? { kind: 'TokenRequest', spec, status: { token: 't', expirationTimestamp: '' } }
          : { kind: 'Status', code: 501, message: 'not built' };
      const status = 'code' in answer ? 501 : 201;
      return {
        status,
        headers: { 'content-type': 'application/json' },
        body: Buffer.from(JSON.stringify(answer)),
      };
    },
  });
  const told: string[] = [];
  const output = { writeError: async (text: string) => void told.push(text) } as unknown as Output;
  const request = tokenRequester(client, output);
  const account = { namespace: 'shop', name: 'robot' };
  const pod = { name: 'shop-1', uid: 'u' };
  assert.equal((await request({ account, pod })).token, 't');
  assert.equal((await request({ account, pod })).token, 't');
  assert.deepEqual(asked, ['shop-1', 'account alone', 'account alone']);
  assert.equal(told.length, 1);
  assert.match(told[0] ?? '', /binds no token to a pod; this one is bound to the account alone/);
});
