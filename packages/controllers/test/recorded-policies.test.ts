import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type KnownGaps, type Story, tellStory } from '@fairway/apiserver/recorded-story';
import { type RunningCluster, startRunningCluster } from './running-cluster.ts';

const ofPodTemplates =
  'vap: built-in param kind that nothing else in the server watches (PodTemplate): a second policy after the first was deleted (quirk of the server: its param informer stays stopped; need not be imitated)';

/** Where this server answers otherwise, by story and step. */
const knownGaps: KnownGaps = {
  [`${ofPodTemplates} 2`]: { why: 'parameters of every kind are found, also anew', code: 201 },
};

/** What parameters are of. */
const caps = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'caps.lim.rec-b.example.org' },
  spec: {
    group: 'lim.rec-b.example.org',
    names: { kind: 'Cap', plural: 'caps', singular: 'cap', listKind: 'CapList' },
    scope: 'Namespaced',
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: { max: { type: 'integer' }, val: { type: 'string' } },
          },
        },
      },
    ],
  },
};

test('policies decide about requests as on a kube-apiserver 1.36', async (t) => {
  const url = new URL('fixtures/recorded-policies.json', import.meta.url);
  const { stories } = JSON.parse(readFileSync(url, 'utf8')) as { stories: readonly Story[] };
  assert.equal(stories.length, 44);
  await using cluster = await startRunningCluster();
  const { server } = cluster;
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  await server.expect(201, 'POST', definitions, { body: caps });
  for (const story of stories) {
    await t.test(story.name, async () => {
      await prepare(cluster, story);
      await tellStory(server, { ...story, isUnowned: true }, knownGaps, async (_, { request }) => {
        // What controllers say of a policy.
        if (request.method === 'GET') await letWork(cluster);
        return {};
      });
    });
  }
});

async function prepare(cluster: RunningCluster, { given = [] }: Story): Promise<void> {
  for (const { path, body } of given) {
    await cluster.server.expect(201, 'POST', path, { body });
    // Pods want the account of their namespace.
    if (path === '/api/v1/namespaces') await letWork(cluster);
  }
}

/** Until what happens by itself has happened. */
async function letWork({ server: { clock } }: RunningCluster): Promise<void> {
  for (let step = 0; step < 4; step++) await clock.advance(250);
}
