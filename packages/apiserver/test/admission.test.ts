import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type KubernetesObject, forbidden } from '@fairway/protocol';
import type { AdmissionPlugin, AdmissionRequest } from '../src/admission/admission-plugin.ts';
import { startTestServer } from '@fairway/apiserver/testing';

const configMaps = '/api/v1/namespaces/default/configmaps';
const pods = '/api/v1/namespaces/default/pods';

/** A plugin for config maps that keeps what it was told. */
function recorder(): { readonly plugin: AdmissionPlugin; readonly seen: AdmissionRequest[] } {
  const seen: AdmissionRequest[] = [];
  const plugin: AdmissionPlugin = {
    name: 'Recorder',
    operations: ['CREATE', 'UPDATE', 'DELETE'],
    resources: ['/configmaps'],
    async validate(request) {
      seen.push({ ...request });
    },
  };
  return { plugin, seen };
}

test('a plugin is told the operation, the names, the user, the options and the stored object', async () => {
  const { plugin, seen } = recorder();
  await using server = await startTestServer({ admissionPlugins: [plugin] });
  const body = { metadata: { name: 'a' }, data: { k: '1' } };
  await server.expect(201, 'POST', `${configMaps}?fieldManager=me&dryRun=All`, { body });
  await server.expect(201, 'POST', configMaps, { body });
  await server.expect(200, 'PUT', `${configMaps}/a`, { body: { ...body, data: { k: '2' } } });
  await server.expect(200, 'DELETE', `${configMaps}/a?gracePeriodSeconds=3`);
  const told = seen.filter(({ name }) => name === 'a');
  assert.deepEqual(
    told.map(({ operation, namespace, user, options, stored }) => [
      operation,
      namespace,
      user.username,
      options,
      (stored as { data?: object } | undefined)?.data,
    ]),
    [
      ['CREATE', 'default', 'admin', { dryRun: ['All'], fieldManager: 'me' }, undefined],
      ['CREATE', 'default', 'admin', {}, undefined],
      ['UPDATE', 'default', 'admin', {}, { k: '1' }],
      ['DELETE', 'default', 'admin', { gracePeriodSeconds: 3 }, { k: '2' }],
    ],
  );
});

test('deleting a collection asks about each object by its own name', async () => {
  const plugin: AdmissionPlugin = {
    name: 'KeepsB',
    operations: ['DELETE'],
    resources: ['/configmaps'],
    async validate({ resource, name }) {
      if (name === 'b') throw forbidden({ ...resource, name }, 'it stays');
    },
  };
  await using server = await startTestServer({ admissionPlugins: [plugin] });
  for (const name of ['a', 'b', 'c']) {
    const body = { metadata: { name, labels: { ours: 'yes' } } };
    await server.expect(201, 'POST', configMaps, { body });
  }
  const refused = await server.expect(403, 'DELETE', `${configMaps}?labelSelector=ours=yes`);
  assert.match(refused.json.message, /configmaps "b" is forbidden: it stays/);
  await server.expect(404, 'GET', `${configMaps}/a`);
  await server.expect(200, 'GET', `${configMaps}/b`);
});

test('what a plugin adds is completed with defaults, validated, and judged in the second phase', async () => {
  const judged: unknown[] = [];
  const plugin: AdmissionPlugin = {
    name: 'AddsContainer',
    operations: ['CREATE'],
    resources: ['/pods'],
    async admit({ draft }) {
      const { spec } = draft as { spec: { containers: object[] } };
      spec.containers.push({ name: 'sidecar', image: 'proxy' });
    },
    async validate({ object, warn }) {
      judged.push((object as unknown as { spec: { containers: object[] } }).spec.containers[1]);
      warn('a sidecar came along');
    },
  };
  await using server = await startTestServer({ admissionPlugins: [plugin] });
  await server.expect(201, 'POST', '/api/v1/namespaces/default/serviceaccounts', {
    body: { metadata: { name: 'default' } },
  });
  const body = { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const made = await server.expect(201, 'POST', pods, { body });
  const sidecar = made.json['spec'].containers[1];
  assert.equal(sidecar.imagePullPolicy, 'Always');
  assert.deepEqual(judged, [sidecar]);
  assert.deepEqual(made.headers['warning'], ['299 - "a sidecar came along"']);
  const invalid = { ...body, spec: { containers: [{ name: 'sidecar', image: 'i' }] } };
  const refused = await server.expect(422, 'POST', pods, { body: invalid });
  assert.match(refused.json.message, /spec\.containers\[1\]\.name: Duplicate value/);
  assert.equal(judged.length, 1, 'the second phase judges only what is valid');
});

test('a pod may be replaced by the manifest that it was made from', async () => {
  await using server = await startTestServer();
  await server.expect(201, 'POST', '/api/v1/namespaces/default/serviceaccounts', {
    body: { metadata: { name: 'default' } },
  });
  const spec = { containers: [{ name: 'c', image: 'i' }], automountServiceAccountToken: false };
  const body: KubernetesObject & { spec: object } = { metadata: { name: 'p' }, spec };
  const made = await server.expect(201, 'POST', pods, { body });
  const changed = { ...body, metadata: { name: 'p', labels: { now: 'labelled' } } };
  // What the service account and the defaults gave it may not be taken away, what admission added may.
  const { serviceAccountName, serviceAccount } = made.json['spec'];
  const named = { ...changed, spec: { ...spec, serviceAccountName, serviceAccount } };
  const replaced = await server.expect(200, 'PUT', `${pods}/p`, { body: named });
  assert.deepEqual(replaced.json['spec'].tolerations, made.json['spec'].tolerations);
  assert.equal(replaced.json['spec'].priority, 0);
  assert.equal(replaced.json['spec'].preemptionPolicy, 'PreemptLowerPriority');
});

test('nothing is changed in a namespace that is gone', async () => {
  await using server = await startTestServer();
  const left = { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a', namespace: 'gone' } };
  await server.store.create('/registry/configmaps/gone/a', Buffer.from(JSON.stringify(left)));
  const path = '/api/v1/namespaces/gone/configmaps/a';
  const body = { data: { k: 'v' } };
  const headers = { 'content-type': 'application/merge-patch+json' };
  const refused = await server.expect(404, 'PATCH', path, { headers, body });
  assert.equal(refused.json.message, 'namespaces "gone" not found');
});
