import { readFileSync } from 'node:fs';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TestServer, startTestServer } from '@fairway/apiserver/testing';
import { type KnownGaps, type Story, tellStory } from '@fairway/apiserver/recorded-story';

/** Where this server answers otherwise, by story and step. */
const knownGaps: KnownGaps = {
  'podsecurity: deployment whose pods are refused 1': 'no controller runs here',
};

test('pods are held to levels as by a kube-apiserver 1.36', async (t) => {
  const url = new URL('fixtures/golden/pod-security.json', import.meta.url);
  const { stories } = JSON.parse(readFileSync(url, 'utf8')) as { stories: readonly Story[] };
  assert.equal(stories.length, 44);
  await using server = await startTestServer();
  for (const story of stories) {
    await t.test(story.name, async () => {
      await setScene(server, story);
      await tellStory(server, { ...story, isUnowned: true }, knownGaps);
    });
  }
});

/** Stories that share a namespace were told one after the other in it. */
async function setScene(server: TestServer, { given = [], steps }: Story): Promise<void> {
  const paths = [...given, ...steps.map(({ request }) => request)].map(({ path }) => path);
  const names = paths.flatMap((path) => /namespaces\/([^/?]+)/.exec(path)?.slice(1) ?? []);
  const namespaces = given.filter(({ path }) => path === '/api/v1/namespaces');
  for (const name of new Set(names)) {
    const found = await server.request('GET', `/api/v1/namespaces/${name}`);
    if (found.status === 200) continue;
    const bare = { metadata: { name, labels: { 'rec-b': '1' } } };
    const body = namespaces.find((each) => each.body.metadata?.name === name)?.body ?? bare;
    await server.expect(201, 'POST', '/api/v1/namespaces', { body });
    const accounts = `/api/v1/namespaces/${name}/serviceaccounts`;
    await server.expect(201, 'POST', accounts, { body: { metadata: { name: 'default' } } });
  }
  for (const { path, body } of given.filter((each) => !namespaces.includes(each))) {
    await server.expect(201, 'POST', path, { body });
  }
}
