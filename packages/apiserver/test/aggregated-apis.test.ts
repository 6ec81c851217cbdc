import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestServer } from '@fairway/apiserver/testing';
import { type HttpRequest, apiError } from '@fairway/protocol';
import type { AggregatedApi } from '../src/registry/aggregated-api.ts';

const verbs = ['get', 'list'];
const root = '/apis/measures.example/v1';

/** An API that notes what it is asked. */
function recordingApi(): { readonly api: AggregatedApi; readonly asked: HttpRequest[] } {
  const asked: HttpRequest[] = [];
  const api: AggregatedApi = {
    group: 'measures.example',
    version: 'v1',
    resources: [
      { plural: 'nodes', singular: 'node', kind: 'NodeMeasures', isNamespaced: false, verbs },
      { plural: 'pods', singular: '', kind: 'PodMeasures', isNamespaced: true, verbs },
    ],
    async handler(request) {
      asked.push(request);
      if (request.path.endsWith('/gone')) throw apiError('Gone', 'it is gone', {});
      return { status: 200, headers: {}, body: Buffer.from('measured') };
    },
  };
  return { api, asked };
}

test('what another component answers is found among all there is', async () => {
  await using server = await startTestServer({ aggregatedApis: [recordingApi().api] });
  const { json: group } = await server.expect(200, 'GET', '/apis/measures.example');
  assert.equal(group['preferredVersion'].groupVersion, 'measures.example/v1');
  const { json: list } = await server.expect(200, 'GET', root);
  assert.deepEqual(list['resources'], [
    { name: 'nodes', singularName: 'node', namespaced: false, kind: 'NodeMeasures', verbs },
    { name: 'pods', singularName: '', namespaced: true, kind: 'PodMeasures', verbs },
  ]);
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  const { json: all } = await server.expect(200, 'GET', '/apis', { headers: { accept } });
  const found = all.items.find(({ metadata }) => metadata?.name === 'measures.example');
  assert.match(JSON.stringify(found), /"group":"measures.example","version":"v1","kind":"PodMea/);
});

test('another component gets what its callers may ask, and its refusals are those of the API', async () => {
  const { api, asked } = recordingApi();
  await using server = await startTestServer({ aggregatedApis: [api] });
  const answer = await server.expect(200, 'GET', `${root}/namespaces/a/pods/b?x=y`);
  assert.equal(answer.text, 'measured');
  assert.equal(asked[0]?.query, 'x=y');
  assert.equal((await server.expect(410, 'GET', `${root}/nodes/gone`)).json.message, 'it is gone');
  await server.expect(404, 'GET', '/apis/measures.example/v2/nodes');
  const handler = server.api.handlerFor({ username: 'bob', groups: ['system:authenticated'] });
  const refused = await server.expect(403, 'GET', `${root}/nodes`, { handler });
  assert.equal(
    refused.json.message,
    'nodes.measures.example is forbidden: User "bob" cannot list resource "nodes" in API group "measures.example" at the cluster scope',
  );
  assert.equal(asked.length, 2);
});
