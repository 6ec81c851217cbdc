import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import { createClient, defineKind } from '@fairway/client';

const Size = defineKind<{ readonly n: number | bigint }>({
  group: 'example.com',
  version: 'v1',
  kind: 'Size',
  plural: 'sizes',
  isNamespaced: true,
});

test('an integer of 64 bits is read, listed, watched and sent back with all its digits', async () => {
  let stored = '{"metadata":{"name":"a"},"spec":{"n":9223372036854775807}}';
  const client = createClient({
    clock: new ManualClock(),
    random: seededRandom(1),
    async transport({ method, path, query, body }) {
      if (method === 'PUT') stored = new TextDecoder().decode(body as Uint8Array);
      const isList = path.endsWith('/sizes');
      const text = query.includes('watch') ? `{"type":"ADDED","object":${stored}}\n` : stored;
      const answer = isList && text === stored ? `{"metadata":{},"items":[${stored}]}` : text;
      return { status: 200, headers: {}, body: new TextEncoder().encode(answer) };
    },
  });
  const size = await client.get(Size, 'a');
  assert.equal(size.spec?.n, 9223372036854775807n);
  const next = { ...size, spec: { n: 9223372036854775806n } };
  const replaced = await client.replace(Size, next);
  assert.equal(replaced.spec?.n, 9223372036854775806n);
  assert.ok(stored.includes('"n":9223372036854775806'), stored);
  const listed = await client.list(Size).all();
  assert.deepEqual(
    listed.items.map(({ spec }) => spec?.n),
    [9223372036854775806n],
  );
  for await (const event of client.watch(Size)) {
    assert.equal((event.object as typeof size).spec?.n, 9223372036854775806n);
  }
});
