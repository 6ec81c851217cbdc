import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { startTestServer } from '@fairway/apiserver/testing';
import { type KnownGaps, type Story, tellStory } from '@fairway/apiserver/recorded-story';

/**
 * Where this server answers otherwise, by story and step. The code is the same unless another one is
 * named.
 */
const knownGaps: KnownGaps = {};

test('rules of definitions hold and are refused as on a kube-apiserver 1.36', async (t) => {
  const url = new URL('fixtures/golden/rules.json', import.meta.url);
  const { stories } = JSON.parse(readFileSync(url, 'utf8')) as { stories: readonly Story[] };
  assert.equal(stories.length, 32);
  await using server = await startTestServer();
  for (const story of stories) {
    await t.test(story.name, () => tellStory(server, story, knownGaps));
  }
});
