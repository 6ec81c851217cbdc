import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ServiceSpec } from '@fairway/kinds/core/v1';

import type { Draft } from '@fairway/protocol';
import { carryOverAllocations } from './service-carry-over.ts';

const nodePortService: Draft<ServiceSpec> = {
  type: 'NodePort',
  clusterIP: '10.0.0.7',
  clusterIPs: ['10.0.0.7'],
  ipFamilies: ['IPv4'],
  ipFamilyPolicy: 'SingleStack',
  externalTrafficPolicy: 'Cluster',
  ports: [{ protocol: 'TCP', port: 80, nodePort: 30080 }],
};

test('carryOverAllocations keeps addresses and node ports that an update leaves out', () => {
  const spec: Draft<ServiceSpec> = {
    type: 'NodePort',
    externalTrafficPolicy: 'Cluster',
    ports: [{ protocol: 'TCP', port: 80 }],
  };
  carryOverAllocations(spec, nodePortService);
  assert.deepEqual(spec, nodePortService);
});

test('carryOverAllocations does not give one node port away twice', () => {
  const ports = [{ port: 80 }, { port: 81, nodePort: 30080 }];
  const spec: Draft<ServiceSpec> = { type: 'NodePort', ports };
  carryOverAllocations(spec, nodePortService);
  assert.deepEqual(spec.ports, [{ port: 80 }, { port: 81, nodePort: 30080 }]);
});

test('carryOverAllocations lets go of what the new type cannot have', () => {
  const inner = { ...structuredCopy(nodePortService), type: 'ClusterIP' as const };
  carryOverAllocations(inner, nodePortService);
  assert.equal(inner.ports?.[0]?.nodePort, undefined);
  assert.equal(inner.externalTrafficPolicy, undefined);
  assert.equal(inner.clusterIP, '10.0.0.7');
  const outer = { ...structuredCopy(nodePortService), type: 'ExternalName' as const };
  carryOverAllocations(outer, nodePortService);
  assert.equal(outer.clusterIP, undefined);
  assert.equal(outer.clusterIPs, undefined);
});

test('carryOverAllocations leaves a changed address for validation to refuse', () => {
  const spec = { ...structuredCopy(nodePortService), clusterIP: '10.0.0.8' };
  carryOverAllocations(spec, nodePortService);
  assert.deepEqual(spec.clusterIPs, ['10.0.0.8']);
});

function structuredCopy(spec: Draft<ServiceSpec>): Draft<ServiceSpec> {
  return { ...spec, ports: (spec.ports ?? []).map((port) => ({ ...port })) };
}
