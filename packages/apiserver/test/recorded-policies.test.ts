import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type TestServer, startTestServer } from '@fairway/apiserver/testing';
import { type KnownGaps, type Story, tellStory } from './recorded-story.ts';

const typesUnchecked = 'the types of expressions are not checked';
const ofPodTemplates =
  'vap: built-in param kind that nothing else in the server watches (PodTemplate): a second policy after the first was deleted (quirk of the server: its param informer stays stopped; need not be imitated)';

/** Where this server answers otherwise, by story and step. */
const knownGaps: KnownGaps = {
  'vap: deny with default message 5': typesUnchecked,
  'vap: type check warnings in status 1': typesUnchecked,
  'vap: param kind unknown 3': typesUnchecked,
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
  const url = new URL('fixtures/golden/policies.json', import.meta.url);
  const { stories } = JSON.parse(readFileSync(url, 'utf8')) as { stories: readonly Story[] };
  assert.equal(stories.length, 44);
  await using server = await startTestServer();
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  await server.expect(201, 'POST', definitions, { body: caps });
  for (const story of stories) {
    await t.test(story.name, async () => {
      await prepare(server, story);
      await tellStory(server, { ...story, isUnowned: true }, knownGaps);
    });
  }
});

async function prepare(server: TestServer, { given = [] }: Story): Promise<void> {
  for (const { path, body } of given) {
    await server.expect(201, 'POST', path, { body });
    if (path !== '/api/v1/namespaces') continue;
    const accounts = `${path}/${body.metadata?.name}/serviceaccounts`;
    await server.expect(201, 'POST', accounts, { body: { metadata: { name: 'default' } } });
  }
}
