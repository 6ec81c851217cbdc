import { readFileSync } from 'node:fs';
import { generateKeyPairSync } from 'node:crypto';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSigningKey, serviceAccountKeys } from '@fairway/access';
import { startTestServer } from '@fairway/apiserver/testing';
import { ManualClock } from '@fairway/host/testing';
import { identityGaps } from './identity-gaps.ts';
import { IdentityScenes, recordedIssuer } from './identity-scenes.ts';
import { type Story, tellStory } from '@fairway/apiserver/recorded-story';

test('callers are known, and refused, as by a kube-apiserver 1.36', async (t) => {
  const url = new URL('fixtures/golden/identity.json', import.meta.url);
  const { stories } = JSON.parse(readFileSync(url, 'utf8')) as { stories: readonly Story[] };
  // That of certificates is told where controllers run.
  assert.equal(stories.length, 13);
  const [{ given: start = [] } = {}] = stories;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const keys = serviceAccountKeys(readSigningKey(Buffer.from(pem), 'sa.key'));
  for (const { given = [], ...story } of stories) {
    await t.test(story.name, async () => {
      await using server = await startTestServer({
        clock: new ManualClock(Date.UTC(2026, 10, 28, 12)),
        advertised: { host: '192.0.2.2', port: 37443 },
        // As a kube-apiserver without flags.
        disabledAdmissionPlugins: ['NodeRestriction'],
        serviceAccountTokens: { keys: () => keys, issuers: [recordedIssuer] },
      });
      const added = given.filter(({ path, body }) => !start.some(isLike(path, body)));
      const told: Story = { ...story, isUnowned: true, given: [...start, ...added] };
      const scenes = new IdentityScenes(server, keys);
      await scenes.set(told);
      await tellStory(server, told, identityGaps, scenes.cue(told));
    });
  }
});

function isLike(path: string, body: object) {
  return (other: { readonly path: string; readonly body: object }): boolean =>
    path === other.path && JSON.stringify(body) === JSON.stringify(other.body);
}
