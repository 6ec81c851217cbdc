import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { startTestServer } from '@fairway/apiserver/testing';
import { type KnownGaps, type Story, tellStory } from '@fairway/apiserver/recorded-story';

const ofRecording = 'the recording does not say what was stored';
const ofBodies = 'a kind that does not exist is refused like one of another group';
const ofYaml = 'what YAML can say and JSON cannot is refused in other words';

/** Where this server answers otherwise, by story and step. */
const knownGaps: KnownGaps = {
  'val-raw-bodies 1': ofRecording,
  'val-raw-bodies 2': ofBodies,
  'val-yaml-scalars 6': ofYaml,
};

test('values are decoded, kept and refused as by a kube-apiserver 1.36', async (t) => {
  const url = new URL('fixtures/golden/values.json', import.meta.url);
  const { stories } = JSON.parse(readFileSync(url, 'utf8')) as { stories: readonly Story[] };
  assert.equal(stories.length, 47);
  await using server = await startTestServer();
  for (const story of stories) {
    await t.test(story.name, () => tellStory(server, story, knownGaps));
  }
});
