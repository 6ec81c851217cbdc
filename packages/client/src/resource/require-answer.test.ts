import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import type { ResourceDescriptor } from '@fairway/protocol';
import { type Client, createClient } from '../client.ts';

const Pod: ResourceDescriptor = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  isNamespaced: true,
};

const malformed = (message: RegExp) => ({
  name: 'ConnectionError',
  problem: 'malformed-answer',
  message,
});

const pages: readonly (readonly [unknown, RegExp])[] = [
  [{ kind: 'PodList', items: [] }, /the list of pods was answered with what has no metadata of/],
  [{ kind: 'PodList', metadata: null, items: [] }, /no metadata of a list/],
  [{ kind: 'PodList', metadata: [], items: [] }, /no metadata of a list/],
  [{ kind: 'PodList', metadata: { continue: 5 } }, /no metadata of a list/],
  [{ kind: 'PodList', metadata: { resourceVersion: 5 } }, /no metadata of a list/],
  [{ kind: 'PodList', metadata: {}, items: {} }, /no items of a list/],
  [{ kind: 'PodList', metadata: {}, items: [{}, null] }, /holds null among its objects/],
  [null, /pods was answered with null, and not with an object/],
  [[], /pods was answered with a list, and not with an object/],
];

for (const [answer, message] of pages) {
  test(`a list answered with ${JSON.stringify(answer)} says what is wrong`, async () => {
    const { client } = clientAnswering(() => answer);
    await assert.rejects(client.list(Pod).all(), malformed(message));
    await assert.rejects(client.list(Pod)[Symbol.asyncIterator]().next(), malformed(message));
  });
}

test('an object answered with nothing says so', async () => {
  const { client } = clientAnswering(() => undefined);
  const expected = malformed(/pods\/a was answered with nothing, and not with an object/);
  await assert.rejects(client.get(Pod, 'a'), expected);
  await assert.rejects(client.patch(Pod, 'a', { merge: {} }), expected);
});

test('a list ends when the server gives a continue token twice', async () => {
  for (const tokens of [['a'], ['a', 'b', 'c']]) {
    const { client, asked } = clientAnswering((at) => page(tokens[at % tokens.length], ['x']));
    await assert.rejects(client.list(Pod).all(), malformed(/a continue token came twice/));
    assert.equal(asked(), tokens.length + 1);
    const table = client.list(Pod, { as: 'table' });
    await assert.rejects(table.all(), /came twice|as a table/);
  }
});

test('a list ends when page after page holds nothing', async () => {
  const { client, asked } = clientAnswering((at) => page(`token ${at}`, []));
  await assert.rejects(client.list(Pod).all(), malformed(/its pages hold nothing/));
  assert.equal(asked(), 101);
});

test('a list may have some empty pages', async () => {
  const { client } = clientAnswering((at) =>
    page(at === 150 ? '' : `token ${at}`, at % 100 === 50 ? ['x'] : []),
  );
  assert.equal((await client.list(Pod).all()).items.length, 2);
});

function page(token: string | undefined, names: readonly string[]): object {
  const items = names.map((name) => ({ metadata: { name } }));
  return { kind: 'PodList', metadata: { continue: token }, items };
}

function clientAnswering(answer: (at: number) => unknown): {
  readonly client: Client;
  readonly asked: () => number;
} {
  let asked = 0;
  const client = createClient({
    clock: new ManualClock(),
    random: seededRandom(1),
    async transport() {
      // A client without a bound would never come back from here.
      if (asked > 1_000) throw new Error('the list goes on for ever');
      const value = answer(asked++);
      const body = value === undefined ? undefined : Buffer.from(JSON.stringify(value));
      return { status: 200, headers: {}, body };
    },
  });
  return { client, asked: () => asked };
}
