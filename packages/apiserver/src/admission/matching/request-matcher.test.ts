import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubernetesObject } from '@fairway/protocol';
import { builtInResources } from '../../registry/built-in-resources.ts';
import { ResourceRegistry } from '../../registry/resource-registry.ts';
import { type MatchCriteria, type MatchedRequest, requestMatcher } from './request-matcher.ts';

const registry = new ResourceRegistry(
  builtInResources({ lookup: () => ({ type: 'object' }), definition: () => undefined }),
);
const namespaces: Readonly<Record<string, KubernetesObject>> = {
  paid: { metadata: { name: 'paid', labels: { plan: 'gold' } } },
  free: { metadata: { name: 'free' } },
};
const parts = {
  registry,
  cluster: {
    find: async <T extends KubernetesObject>(
      _group: string,
      _plural: string,
      { name }: { readonly name: string },
    ): Promise<T | undefined> => namespaces[name] as T | undefined,
  },
};

const criteria: MatchCriteria = {
  rules: [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'] }],
  matchPolicy: 'Equivalent',
};

function request(plural: string, about: Partial<MatchedRequest>): MatchedRequest {
  const resource = registry.find('', 'v1', plural);
  assert.ok(resource);
  return {
    operation: 'CREATE',
    resource,
    subresource: '',
    namespace: '',
    name: 'a',
    user: { username: 'bob', uid: '', groups: [], extra: {} },
    options: {},
    warn: () => {},
    annotate: () => {},
    signal: new AbortController().signal,
    ...about,
  } as MatchedRequest;
}

test('namespaceSelector looks at the namespace of an object, and at a namespace as it is to be', async () => {
  const match = requestMatcher({
    ...criteria,
    namespaceSelector: { matchLabels: { plan: 'gold' } },
  });
  const isMeant = async (plural: string, about: Partial<MatchedRequest>): Promise<boolean> =>
    (await match(request(plural, about), parts)) !== undefined;
  assert.equal(await isMeant('pods', { namespace: 'paid' }), true);
  assert.equal(await isMeant('pods', { namespace: 'free' }), false);
  // What is in no namespace is never left out.
  assert.equal(await isMeant('nodes', {}), true);
  const gold = { metadata: { name: 'free', labels: { plan: 'gold' } } };
  const plain = { metadata: { name: 'paid' } };
  assert.equal(await isMeant('namespaces', { name: 'free', object: gold }), true);
  assert.equal(await isMeant('namespaces', { name: 'paid', object: plain }), false);
  // One that is deleted is what the store holds.
  assert.equal(await isMeant('namespaces', { name: 'paid', operation: 'DELETE' }), true);
  assert.equal(await isMeant('namespaces', { name: 'free', operation: 'DELETE' }), false);
  await assert.rejects(isMeant('pods', { namespace: 'gone' }), {
    message: 'namespaces "gone" not found',
  });
});

test('objectSelector is enough for what is there or for what is to be', async () => {
  const match = requestMatcher({ ...criteria, objectSelector: { matchLabels: { app: 'web' } } });
  const web = { metadata: { labels: { app: 'web' } } };
  const isMeant = async (about: Partial<MatchedRequest>): Promise<boolean> =>
    (await match(request('pods', { namespace: 'paid', ...about }), parts)) !== undefined;
  assert.equal(await isMeant({ object: web }), true);
  assert.equal(await isMeant({ object: {} }), false);
  assert.equal(await isMeant({ object: {}, stored: web }), true);
  assert.equal(await isMeant({ operation: 'DELETE', stored: web }), true);
  // Nothing that has no labels at all.
  assert.equal(await isMeant({ operation: 'CONNECT' }), false);
});
