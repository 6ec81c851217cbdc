import assert from 'node:assert/strict';
import { test } from 'node:test';

import { builtInDiscovery } from '@fairway/kinds/discovery';
import { builtInSchemas } from '@fairway/kinds/schema';

test('builtInDiscovery() lists groups in the order of a server, core first', () => {
  const groups = builtInDiscovery();
  assert.deepEqual(
    groups.slice(0, 4).map(({ group }) => group),
    ['', 'apiregistration.k8s.io', 'apps', 'events.k8s.io'],
  );
  const autoscaling = groups.find(({ group }) => group === 'autoscaling');
  assert.deepEqual(
    autoscaling?.versions.map(({ version }) => version),
    ['v2', 'v1'],
  );
});

test('builtInDiscovery() tells names, scope, storage version hash and subresources', () => {
  const deployments = builtInDiscovery()
    .find(({ group }) => group === 'apps')
    ?.versions[0]?.resources.find(({ plural }) => plural === 'deployments');
  assert.equal(deployments?.singular, 'deployment');
  assert.equal(deployments?.isNamespaced, true);
  assert.deepEqual(deployments?.shortNames, ['deploy']);
  assert.deepEqual(deployments?.categories, ['all']);
  assert.equal(deployments?.storageVersionHash, '8aSe+NMegvE=');
  assert.deepEqual(
    deployments?.subresources.map(({ name, responseKind }) => [
      name,
      responseKind.group,
      responseKind.kind,
    ]),
    [
      ['scale', 'autoscaling', 'Scale'],
      ['status', 'apps', 'Deployment'],
    ],
  );
});

test('every resource that discovery lists has a schema', () => {
  const schemas = builtInSchemas();
  for (const { group, versions } of builtInDiscovery()) {
    for (const { version, resources } of versions) {
      for (const { kind } of resources) {
        const apiVersion = group === '' ? version : `${group}/${version}`;
        assert.ok(schemas.lookup(apiVersion, kind), `${apiVersion} ${kind}`);
      }
    }
  }
});
