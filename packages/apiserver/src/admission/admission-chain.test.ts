import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubernetesObject } from '@fairway/protocol';
import type { ServedResource } from '../registry/served-resource.ts';
import { AdmissionChain } from './admission-chain.ts';
import type { AdmissionOperation, AdmissionPlugin, ValidateRequest } from './admission-plugin.ts';

const pods = { group: '', plural: 'pods' } as ServedResource;
const nodes = { group: '', plural: 'nodes' } as ServedResource;

test('a request is shown to those it concerns, by what it is about, whatever was asked before', async () => {
  const asked: string[] = [];
  const plugin = (
    name: string,
    operations: readonly AdmissionOperation[],
    resources?: readonly string[],
  ): AdmissionPlugin => ({
    name,
    operations,
    ...(resources && { resources }),
    validate: () => void asked.push(name) as undefined,
  });
  const chain = new AdmissionChain([
    plugin('all', ['CREATE', 'UPDATE']),
    plugin('pods', ['CREATE', 'UPDATE'], ['/pods']),
    plugin('bindings', ['CREATE'], ['/pods/binding']),
    plugin('new', ['CREATE']),
  ]);
  const askedBy = async (
    resource: ServedResource,
    operation: AdmissionOperation,
    subresource: string,
  ): Promise<readonly string[]> => {
    asked.length = 0;
    const request = { resource, operation, subresource } as ValidateRequest<KubernetesObject>;
    await chain.validate(request);
    return [...asked];
  };
  for (const round of ['first', 'second']) {
    assert.deepEqual(await askedBy(pods, 'CREATE', ''), ['all', 'pods', 'new'], round);
    assert.deepEqual(await askedBy(pods, 'CREATE', 'binding'), ['all', 'bindings', 'new'], round);
    assert.deepEqual(await askedBy(pods, 'UPDATE', ''), ['all', 'pods'], round);
    assert.deepEqual(await askedBy(nodes, 'CREATE', ''), ['all', 'new'], round);
    assert.deepEqual(await askedBy(pods, 'DELETE', ''), [], round);
  }
});
