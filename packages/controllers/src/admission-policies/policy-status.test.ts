import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type NamedRuleWithOperations,
  ValidatingAdmissionPolicy,
} from '@fairway/kinds/admissionregistration/v1';
import { CustomResourceDefinition } from '@fairway/kinds/apiextensions/v1';
import { type RunningCluster, startRunningCluster } from '../../test/running-cluster.ts';

function boats(...fields: readonly string[]): CustomResourceDefinition {
  const properties = Object.fromEntries(fields.map((name) => [name, { type: 'integer' }]));
  const openAPIV3Schema = {
    type: 'object',
    properties: { spec: { type: 'object', properties } },
  };
  return {
    metadata: { name: 'boats.sea.example.org' },
    spec: {
      group: 'sea.example.org',
      names: { kind: 'Boat', plural: 'boats', singular: 'boat', listKind: 'BoatList' },
      scope: 'Namespaced',
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }],
    },
  };
}

function policy(name: string, expression: string): ValidatingAdmissionPolicy {
  const boatsOnly: NamedRuleWithOperations = {
    apiGroups: ['sea.example.org'],
    apiVersions: ['v1'],
    operations: ['CREATE'],
    resources: ['boats'],
  };
  return {
    metadata: { name },
    spec: {
      paramKind: { apiVersion: 'sea.example.org/v1', kind: 'Boat' },
      matchConstraints: { resourceRules: [boatsOnly] },
      validations: [{ expression }],
    },
  };
}

const controllers = ['validatingadmissionpolicy-status-controller'];

/** Waits until the policy has been checked and what is said of it is as wanted; answers that. */
async function untilSaid(
  { client, until }: RunningCluster,
  name: string,
  wanted: RegExp,
): Promise<void> {
  await until(`${name} is said to be ${wanted}`, async () => {
    const { status } = await client.get(ValidatingAdmissionPolicy, name);
    const warnings = status?.typeChecking?.expressionWarnings ?? [];
    const told = warnings.map(({ warning }) => warning).join();
    return status?.observedGeneration === 1 && wanted.test(told);
  });
}

test('expressions about custom kinds are checked, and again when their definition changes', async () => {
  await using cluster = await startRunningCluster({ controllers });
  const { client, server } = cluster;
  await client.create(
    ValidatingAdmissionPolicy,
    policy('sails', 'object.spec.sails > params.spec.sails'),
  );
  await client.create(ValidatingAdmissionPolicy, policy('names', "object.metadata.name == 'a'"));
  // Nobody knows of boats.
  await untilSaid(cluster, 'sails', /^$/);
  await client.create(CustomResourceDefinition, boats('masts'));
  await untilSaid(
    cluster,
    'sails',
    /^sea\.example\.org\/v1, Kind=Boat: ERROR: .*undefined field 'sails'/,
  );
  await untilSaid(cluster, 'names', /^$/);
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/boats.sea.example.org';
  await server.expect(200, 'PATCH', path, {
    body: { spec: { versions: boats('masts', 'sails').spec.versions } },
    headers: { 'content-type': 'application/merge-patch+json' },
  });
  await untilSaid(cluster, 'sails', /^$/);
  const written = cluster.countRequests('PUT', /validatingadmissionpolicies/);
  await client.delete(CustomResourceDefinition, 'boats.sea.example.org');
  // What is looked at again and again is not written again.
  await server.clock.advance(600_000);
  assert.equal(written(), 0);
});
