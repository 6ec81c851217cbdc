import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRuntimeConfig } from '@fairway/apiserver';
import { startTestServer } from '@fairway/apiserver/testing';
import { builtAdmissionPlugins } from '../src/admission/admission-plugins.ts';

const pods = '/api/v1/namespaces/default/pods';

function pod(
  name: string,
  securityContext?: object,
): { readonly metadata: object; readonly spec: object } {
  const container = { name: 'a', image: 'a', ...(securityContext ? { securityContext } : {}) };
  return { metadata: { name }, spec: { containers: [container] } };
}

test('a plugin that is switched off is not asked', async () => {
  {
    await using server = await startTestServer();
    const refused = await server.expect(403, 'POST', pods, { body: pod('a') });
    assert.match(refused.json.message, /serviceaccount "default" not found/);
  }
  await using server = await startTestServer({ disabledAdmissionPlugins: ['ServiceAccount'] });
  const made = await server.expect(201, 'POST', pods, { body: pod('a') });
  assert.equal(made.json['spec'].serviceAccountName, undefined);
  assert.equal(made.json['spec'].tolerations.length, 2);
});

test('every plugin can be switched off by its name', async () => {
  await using server = await startTestServer({ disabledAdmissionPlugins: builtAdmissionPlugins });
  const made = await server.expect(201, 'POST', '/api/v1/namespaces/nowhere/pods', {
    body: pod('a'),
  });
  assert.deepEqual(made.json['spec'].tolerations, undefined);
  assert.equal(made.json['spec'].priority, undefined);
});

test('without privileged containers, pods and what makes pods are refused that have any', async () => {
  await using server = await startTestServer({
    disabledAdmissionPlugins: ['ServiceAccount'],
    allowsPrivileged: false,
  });
  const body = pod('a', { privileged: true });
  const { json } = await server.expect(422, 'POST', pods, { body });
  const field = 'spec.containers[0].securityContext.privileged';
  const why = 'Forbidden: disallowed by cluster policy';
  assert.equal(json.message, `Pod "a" is invalid: ${field}: ${why}`);
  assert.deepEqual(json['details'].causes, [
    { reason: 'FieldValueForbidden', message: why, field },
  ]);
  await server.expect(201, 'POST', pods, { body: pod('a', { privileged: false }) });

  const labels = { app: 'a' };
  const template = { ...pod('', { privileged: true }), metadata: { labels } };
  const makers: readonly (readonly [string, string, object])[] = [
    ['apps/v1', 'deployments', { selector: { matchLabels: labels }, template }],
    ['apps/v1', 'daemonsets', { selector: { matchLabels: labels }, template }],
    ['apps/v1', 'statefulsets', { selector: { matchLabels: labels }, template }],
    ['apps/v1', 'replicasets', { selector: { matchLabels: labels }, template }],
    ['v1', 'replicationcontrollers', { selector: labels, template }],
    ['batch/v1', 'jobs', { template: withRestart(template) }],
    ['batch/v1', 'cronjobs', { schedule: '@daily', jobTemplate: jobOf(withRestart(template)) }],
  ];
  for (const [version, plural, spec] of makers) {
    const root = version === 'v1' ? '/api/v1' : `/apis/${version}`;
    const { text } = await server.expect(422, 'POST', `${root}/namespaces/default/${plural}`, {
      body: { metadata: { name: 'a' }, spec },
    });
    assert.match(text, /template\.spec\.containers\[0\]\.securityContext\.privileged/, plural);
  }
  await server.expect(422, 'POST', '/api/v1/namespaces/default/podtemplates', {
    body: { metadata: { name: 'a' }, template },
  });
  await using lenient = await startTestServer({ disabledAdmissionPlugins: ['ServiceAccount'] });
  await lenient.expect(201, 'POST', pods, { body });
});

function withRestart(template: { readonly spec: object }): object {
  return { ...template, spec: { ...template.spec, restartPolicy: 'Never' } };
}

function jobOf(template: object): object {
  return { spec: { template } };
}

test('what is not served is not found, not discovered, and not created at the start', async () => {
  const isServed = readRuntimeConfig([
    'apps/v1=false',
    'batch/v1/cronjobs=false',
    'scheduling.k8s.io/v1=false',
  ]);
  await using server = await startTestServer({ isServed });
  await server.expect(404, 'GET', '/apis/apps/v1/deployments');
  await server.expect(404, 'GET', '/apis/apps/v1');
  await server.expect(404, 'GET', '/apis/scheduling.k8s.io/v1/priorityclasses');
  await server.expect(200, 'GET', '/apis/batch/v1/jobs');
  const batch = await server.expect(200, 'GET', '/apis/batch/v1');
  assert.deepEqual(
    batch.json['resources'].map(({ name }: { name: string }) => name),
    ['jobs', 'jobs/status'],
  );
  const groups = await server.expect(200, 'GET', '/apis');
  const names = groups.json['groups'].map(({ name }: { name: string }) => name);
  assert.ok(names.includes('batch') && !names.includes('apps'));
  const documents = await server.expect(200, 'GET', '/openapi/v3');
  const paths = Object.keys(documents.json['paths']);
  assert.deepEqual(
    ['apis/apps', 'apis/apps/v1', 'apis/batch', 'apis/batch/v1'].filter((each) =>
      paths.includes(each),
    ),
    ['apis/batch', 'apis/batch/v1'],
  );
  const { json } = await server.expect(200, 'GET', '/openapi/v3/apis/batch/v1');
  const described = Object.keys(json['paths']);
  assert.ok(described.some((path) => path.endsWith('/jobs/{name}')));
  assert.ok(!described.some((path) => path.includes('cronjobs')));
});

test('a cluster of the core API alone starts', async () => {
  await using server = await startTestServer({
    isServed: readRuntimeConfig(['api/all=false', 'v1=true']),
    disabledAdmissionPlugins: ['ServiceAccount'],
  });
  await server.expect(201, 'POST', pods, { body: pod('a') });
  await server.expect(404, 'GET', '/apis/rbac.authorization.k8s.io/v1/clusterroles');
});

test('a pod is bound, and a binding is judged, whichever of the two collections is not served', async () => {
  const binding = { metadata: { name: 'a' }, target: { kind: 'Node', name: 'n1' } };
  const untargeted = { metadata: { name: 'a' } };
  const disabledAdmissionPlugins = ['ServiceAccount'];
  {
    const isServed = readRuntimeConfig(['v1/bindings=false']);
    await using server = await startTestServer({ isServed, disabledAdmissionPlugins });
    await server.expect(404, 'POST', '/api/v1/namespaces/default/bindings', { body: binding });
    await server.expect(201, 'POST', pods, { body: pod('a') });
    const { json } = await server.expect(500, 'POST', `${pods}/a/binding`, { body: untargeted });
    assert.equal(json.message, 'target.name: Required value');
    await server.expect(201, 'POST', `${pods}/a/binding`, { body: binding });
  }
  const isServed = readRuntimeConfig(['v1/pods=false']);
  await using server = await startTestServer({ isServed, disabledAdmissionPlugins });
  const { json } = await server.expect(404, 'POST', '/api/v1/namespaces/default/bindings', {
    body: binding,
  });
  assert.equal(json.message, 'pods "a" not found');
});
