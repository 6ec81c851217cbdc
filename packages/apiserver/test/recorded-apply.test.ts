import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { startTestServer } from '@fairway/apiserver/testing';
import { type KnownGaps, type Story, tellStory } from '@fairway/apiserver/recorded-story';

const ofDuplicates = 'of two maps under one name the last one counts, and not both';

/**
 * Where this server answers otherwise, by story and step. The code is the same unless another one is
 * named.
 */
const knownGaps: KnownGaps = {
  'apply-unknown-warn 6': ofDuplicates,
  'apply-unknown-ignore 6': ofDuplicates,
  'apply-pod 5':
    'the difference of two pods is not shown, which would be that of internal types in Go',
  'apply-cr-status 8': {
    why: 'a kube-apiserver cannot do this, for a fault of its own',
    code: 200,
  },
  'apply-cr-status 10': 'one write more has been made by then',
  'apply-cr-status 12': 'one write more has been made by then',
  'apply-cr-status 13': 'one write more has been made by then',
};

test('fields are owned, applied and refused as on a kube-apiserver 1.36', async (t) => {
  const url = new URL('fixtures/golden/apply.json', import.meta.url);
  const { stories } = JSON.parse(readFileSync(url, 'utf8')) as { stories: readonly Story[] };
  assert.equal(stories.length, 77);
  await using server = await startTestServer();
  for (const story of stories) {
    await t.test(story.name, () => tellStory(server, story, knownGaps));
  }
});
