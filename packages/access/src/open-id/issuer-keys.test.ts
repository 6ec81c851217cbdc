import { deepEqual, equal, match } from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { ManualClock } from '@fairway/host/testing';
import type { Handler } from '@fairway/protocol';
import { IssuerKeys } from './issuer-keys.ts';

const url = 'https://issuer.example';
const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });

function open(answer: (path: string) => unknown) {
  const clock = new ManualClock();
  const asked: string[] = [];
  const send: Handler = async ({ path, query }) => {
    asked.push(query === '' ? path : `${path}?${query}`);
    const document = { issuer: url, jwks_uri: `${url}:8443/keys?set=1` };
    const found = path === '/keys' ? answer(path) : document;
    const body = typeof found === 'string' ? found : JSON.stringify(await found);
    return { status: 200, headers: {}, body: Buffer.from(body) };
  };
  const dialled: string[] = [];
  const keys = new IssuerKeys(
    { url },
    {
      clock,
      dial: ({ host, port }) => {
        dialled.push(`${host}:${port}`);
        return send;
      },
    },
  );
  return { clock, asked, dialled, keys };
}

async function failureOf(answer: (path: string) => unknown): Promise<string> {
  const found = await open(answer).keys.find('k');
  return 'why' in found ? found.why : 'keys';
}

test('IssuerKeys asks where the document says', async () => {
  const { keys, asked, dialled } = open(() => ({ keys: [{ ...jwk, kid: 'k' }] }));
  const found = await keys.find('k');
  equal('why' in found ? 0 : found.length, 1);
  deepEqual(asked, ['/.well-known/openid-configuration', '/keys?set=1']);
  deepEqual(dialled, ['issuer.example:443', 'issuer.example:8443']);
});

test('IssuerKeys looks at 64 keys', async () => {
  const many = Array.from({ length: 65 }, (_, at) => ({ ...jwk, kid: `k${at}` }));
  const { keys } = open(() => ({ keys: many }));
  const found = await keys.find(undefined);
  equal('why' in found ? 0 : found.length, 64);
});

for (const [what, answer, why] of [
  ['too long', `{"keys":[],"x":"${'x'.repeat(1024 * 1024)}"}`, /documentBytesMax \(1048576\)/],
  ['no JSON', '<html>', /is no JSON$/],
  ['no object', '[]', /is no JSON object/],
  ['without keys', '{}', /holds no keys/],
] as const) {
  test(`IssuerKeys says what is wrong with a set of keys that is ${what}`, async () => {
    match(await failureOf(() => answer), why);
  });
}

test('IssuerKeys waits ten seconds for a document', async () => {
  const { keys, clock } = open(() => new Promise(() => {}));
  const found = keys.find('k');
  await clock.advance(10_000);
  const outcome = await found;
  match('why' in outcome ? outcome.why : '', /no answer within 10 seconds/);
  equal(clock.pending, 0);
});
