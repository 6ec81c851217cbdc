import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { startTestServer } from '@fairway/apiserver/testing';
import { type KnownGaps, type Story, tellStory } from './recorded-story.ts';

const ofPodSecurity = 'PodSecurity is not enforced';

/** Where this server answers otherwise, by story and step. */
const knownGaps: KnownGaps = {
  'warn-crd 5': { why: ofPodSecurity, code: 201 },
  'warn-crd 6': { why: ofPodSecurity, code: 201 },
  'warn-pod-security 2': ofPodSecurity,
  'warn-pod-security 3': ofPodSecurity,
  'warn-pod-security 4': ofPodSecurity,
  'warn-pod-security 6': ofPodSecurity,
  'warn-pod-security 7': ofPodSecurity,
  'warn-pod-security 8': ofPodSecurity,
  'warn-pod-security 9': ofPodSecurity,
  'warn-pod-security 11': ofPodSecurity,
  'warn-pod-security 12': { why: ofPodSecurity, code: 201 },
  'warn-pod-security 13': { why: ofPodSecurity, code: 200 },
  'warn-pod-security 14': ofPodSecurity,
};

test('callers are warned as by a kube-apiserver 1.36', async (t) => {
  const url = new URL('fixtures/golden/warnings.json', import.meta.url);
  const { stories } = JSON.parse(readFileSync(url, 'utf8')) as { stories: readonly Story[] };
  assert.equal(stories.length, 26);
  await using server = await startTestServer();
  for (const story of stories) {
    await t.test(story.name, () => tellStory(server, story, knownGaps));
  }
});
