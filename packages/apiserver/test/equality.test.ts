import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { settle } from '@fairway/host/testing';
import { type TestServer, startTestServer } from '@fairway/apiserver/testing';

const pods = '/api/v1/namespaces/default/pods';
const deployments = '/apis/apps/v1/namespaces/default/deployments';
const merge = { 'content-type': 'application/merge-patch+json' };

function deployment(container: object, spec: object = {}): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'web', image: 'web', ...container }], ...spec },
      },
    },
  };
}

async function generationAfter(
  server: TestServer,
  path: string,
  objects: readonly [object, object],
): Promise<number> {
  await server.expect(201, 'POST', path, { body: objects[0] });
  const name = `${path}/web`;
  const { json } = await server.expect(200, 'PUT', name, { body: objects[1] });
  await server.expect(200, 'DELETE', name);
  return json.metadata.generation ?? 0;
}

suite('what counts as a change', () => {
  test('a pointer that was false and is gone changes the generation', async () => {
    await using server = await startTestServer();
    const strict = { securityContext: { allowPrivilegeEscalation: false } };
    const objects = [deployment(strict), deployment({ securityContext: {} })] as const;
    assert.equal(await generationAfter(server, deployments, objects), 2);
  });

  test('nothing, an empty list and a zero of no pointer are the same', async () => {
    await using server = await startTestServer();
    const explicit = deployment(
      { stdin: false, workingDir: '', env: [], command: null },
      { hostNetwork: false, tolerations: [], nodeSelector: {} },
    );
    const objects = [explicit, deployment({})] as const;
    assert.equal(await generationAfter(server, deployments, objects), 1);
    const turned = [deployment({}), explicit] as const;
    assert.equal(await generationAfter(server, deployments, turned), 1);
  });

  test('an update of a pod may not drop what was false', async () => {
    await using server = await startTestServer();
    await server.expect(201, 'POST', '/api/v1/namespaces/default/serviceaccounts', {
      body: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } },
    });
    const body = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'a' },
      spec: { shareProcessNamespace: false, containers: [{ name: 'a', image: 'a' }] },
    };
    await server.expect(201, 'POST', pods, { body });
    const patch = { spec: { shareProcessNamespace: null } };
    const refused = await server.expect(422, 'PATCH', `${pods}/a`, { headers: merge, body: patch });
    assert.match(refused.json.message, /pod updates may not change fields other than/);
    const same = { spec: { hostPID: false, hostAliases: [] } };
    await server.expect(200, 'PATCH', `${pods}/a`, { headers: merge, body: same });
  });

  test('every value of a custom resource says something', async () => {
    await using server = await startTestServer();
    const free = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'lamps.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Cluster',
        names: { plural: 'lamps', kind: 'Lamp' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: 'object', properties: { spec: free } } },
          },
        ],
      },
    };
    const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    await server.expect(201, 'POST', path, { body: definition });
    await settle();
    const lamp = (spec: object): object => ({
      apiVersion: 'example.com/v1',
      kind: 'Lamp',
      metadata: { name: 'web' },
      spec,
    });
    await server.expect(201, 'POST', '/apis/example.com/v1/lamps', { body: lamp({ on: false }) });
    for (const [spec, generation] of [
      [{ on: false }, 1],
      [{}, 2],
      [{ list: [] }, 3],
      [{ text: '' }, 4],
    ] as const) {
      const { json } = await server.expect(200, 'PATCH', '/apis/example.com/v1/lamps/web', {
        headers: { 'content-type': 'application/json-patch+json' },
        body: [{ op: 'replace', path: '/spec', value: spec }],
      });
      assert.equal(json.metadata.generation, generation, JSON.stringify(spec));
    }
  });
});
