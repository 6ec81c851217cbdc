import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { settle } from '@fairway/host/testing';
import { type TestServer, startTestServer } from '@fairway/apiserver/testing';
import { type KnownGaps, type Story, tellStory } from '@fairway/apiserver/recorded-story';

const ofScales =
  'the refusal says what is wrong, which a kube-apiserver hides by a fault of its own';

/** Where this server answers otherwise, by story and step. */
const knownGaps: KnownGaps = {
  'def-scale 10': ofScales,
  'def-scale 11': ofScales,
};

test('definitions and their objects are judged and served as by a kube-apiserver 1.36', async (t) => {
  const url = new URL('fixtures/golden/definitions.json', import.meta.url);
  const { stories } = JSON.parse(readFileSync(url, 'utf8')) as { stories: readonly Story[] };
  assert.equal(stories.length, 50);
  await using server = await startTestServer();
  for (const story of stories) {
    await t.test(story.name, () => tellStory(server, story, knownGaps));
    await removeDefinitions(server);
  }
});

/** Each story begins without the definitions of others. */
async function removeDefinitions(server: TestServer): Promise<void> {
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  await server.expect(200, 'DELETE', path);
  for (let turn = 0; turn < 50; turn++) await settle();
  const { json } = await server.expect(200, 'GET', path);
  assert.deepEqual(json.items, []);
}
