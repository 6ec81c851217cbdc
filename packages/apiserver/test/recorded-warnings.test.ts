import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { startTestServer } from '@fairway/apiserver/testing';
import { type Story, tellStory } from '@fairway/apiserver/recorded-story';

test('callers are warned as by a kube-apiserver 1.36', async (t) => {
  const url = new URL('fixtures/golden/warnings.json', import.meta.url);
  const { stories } = JSON.parse(readFileSync(url, 'utf8')) as { stories: readonly Story[] };
  assert.equal(stories.length, 26);
  await using server = await startTestServer();
  for (const story of stories) {
    await t.test(story.name, () => tellStory(server, story, {}));
  }
});
