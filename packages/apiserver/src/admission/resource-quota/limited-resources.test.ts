import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAdmissionConfiguration } from '@fairway/apiserver';
import { type TestServer, startTestServer } from '@fairway/apiserver/testing';

const inDefault = (plural: string): string => `/api/v1/namespaces/default/${plural}`;

/** As the documentation of Kubernetes writes it. */
const document = {
  apiVersion: 'apiserver.config.k8s.io/v1',
  kind: 'ResourceQuotaConfiguration',
  limitedResources: [
    {
      resource: 'pods',
      matchScopes: [{ scopeName: 'PriorityClass', operator: 'In', values: ['cluster-services'] }],
    },
    { apiGroup: '', resource: 'persistentvolumeclaims', matchContains: ['requests.storage'] },
  ],
};

async function startServer(): Promise<TestServer> {
  const admissionConfigurations = readAdmissionConfiguration('ResourceQuota', document);
  const server = await startTestServer({ admissionConfigurations });
  const account = { metadata: { name: 'default' } };
  await server.expect(201, 'POST', inDefault('serviceaccounts'), { body: account });
  const important = { metadata: { name: 'cluster-services' }, value: 1_000 };
  const classes = '/apis/scheduling.k8s.io/v1/priorityclasses';
  await server.expect(201, 'POST', classes, { body: important });
  return server;
}

async function addQuota(server: TestServer, name: string, spec: object): Promise<void> {
  const quotas = inDefault('resourcequotas');
  const { json } = await server.expect(201, 'POST', quotas, { body: { metadata: { name }, spec } });
  const { hard } = json['spec'];
  const used = Object.fromEntries(Object.keys(hard).map((each) => [each, '0']));
  const counted = { ...json, status: { hard, used } };
  await server.expect(200, 'PUT', `${quotas}/${name}/status`, { body: counted });
}

function pod(name: string, priorityClassName?: string): object {
  const containers = [{ name: 'a', image: 'i' }];
  return {
    metadata: { name },
    spec: { containers, ...(priorityClassName !== undefined && { priorityClassName }) },
  };
}

test('what is limited by a scope needs a quota with that scope', async () => {
  await using server = await startServer();
  const pods = inDefault('pods');
  await server.expect(201, 'POST', pods, { body: pod('plain') });
  const important = { body: pod('important', 'cluster-services') };
  const refused = await server.expect(500, 'POST', pods, important);
  assert.equal(
    refused.json.message,
    'insufficient quota to match these scopes: [{PriorityClass In [cluster-services]}]',
  );
  await addQuota(server, 'any', { hard: { pods: '5' } });
  await server.expect(500, 'POST', pods, important);
  const selector = { scopeName: 'PriorityClass', operator: 'In', values: ['cluster-services'] };
  const scopeSelector = { matchExpressions: [selector] };
  await addQuota(server, 'important', { hard: { pods: '1' }, scopeSelector });
  await server.expect(201, 'POST', pods, important);
  const more = { body: pod('more', 'cluster-services') };
  const exceeded = await server.expect(403, 'POST', pods, more);
  assert.match(exceeded.json.message, /exceeded quota: important, requested: pods=1/);
});

test('what is limited by its name needs a quota over that name', async () => {
  await using server = await startServer();
  const claims = inDefault('persistentvolumeclaims');
  const resources = { requests: { storage: '1Gi' } };
  const spec = { accessModes: ['ReadWriteOnce'], resources };
  const claim = { body: { metadata: { name: 'c' }, spec } };
  const refused = await server.expect(403, 'POST', claims, claim);
  assert.equal(
    refused.json.message,
    'persistentvolumeclaims "c" is forbidden: insufficient quota to consume: requests.storage',
  );
  await addQuota(server, 'storage', { hard: { 'requests.storage': '2Gi' } });
  await server.expect(201, 'POST', claims, claim);
});

test('what is wrong with limited resources is told', () => {
  const [first, ...others] = document.limitedResources;
  const wrong = {
    ...first,
    resource: '',
    matchScopes: [{ scopeName: 'Important', operator: 'In' }],
  };
  const read = () =>
    readAdmissionConfiguration('ResourceQuota', {
      ...document,
      limitedResources: [wrong, ...others],
    });
  assert.throws(read, /limitedResources\[0\]\.resource: Required value/);
  assert.throws(
    read,
    /limitedResources\[0\]\.matchScopes\[0\]\.scopeName: Unsupported value: "Imp/,
  );
});
