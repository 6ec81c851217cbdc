import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import { servePod } from '../../test/pod-server.ts';
import { createClient } from '../client.ts';
import { buildTransport } from '../transport/build-transport.ts';
import { decodeLines } from './decode-lines.ts';
import { logs } from './logs.ts';

test('logs() answers the lines of a container, blank ones and the last one too', async () => {
  await using server = await servePod({ log: 'one\n\nthrée\nfour' });
  const [clock, random] = [new ManualClock(), seededRandom(1)];
  await using transport = buildTransport(server.target, { clock, random, isHttp2Wanted: false });
  const client = createClient({ transport: transport.send, clock, random });
  const options = { container: 'main', follow: true, tailLines: 4, namespace: 'shop' };
  const lines = await Array.fromAsync(logs(client, 'web-0', options));
  assert.deepEqual(lines, ['one', '', 'thrée', 'four']);
  const query = 'container=main&follow=true&tailLines=4';
  assert.deepEqual(server.requests, [`GET /api/v1/namespaces/shop/pods/web-0/log?${query}`]);
});

test('decodeLines() finds the same lines wherever the bytes are cut', async () => {
  const text = fc.array(fc.constantFrom('a', '\n', 'é', '🙂', '\r')).map((each) => each.join(''));
  await fc.assert(
    fc.asyncProperty(text, fc.integer({ min: 1, max: 5 }), async (text, cut) => {
      async function* pieces(): AsyncGenerator<Uint8Array, undefined> {
        const bytes = Buffer.from(text);
        for (let at = 0; at < bytes.length; at += cut) yield bytes.subarray(at, at + cut);
      }
      const expected = text.split('\n');
      if (expected.at(-1) === '') expected.pop();
      assert.deepEqual(await Array.fromAsync(decodeLines(pieces())), expected);
    }),
  );
});
