import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endpointSliceWarnings, endpointsWarnings, serviceWarnings } from './networking.ts';
import { nodeWarnings } from './nodes.ts';
import { loadBalancerStatusWarnings, podStatusWarnings } from './statuses.ts';
import { storageCapacityWarnings } from './storage.ts';

const odd = '2001:DB8::1';

function form(field: string): string {
  return `${field}: IPv6 address "${odd}" should be in RFC 5952 canonical format ("2001:db8::1")`;
}

test('serviceWarnings() tells of what a service of its type does not have', () => {
  const told = (spec: object): readonly string[] => [...serviceWarnings({ spec })];
  const external = { type: 'ExternalName', externalName: 'a', externalIPs: ['192.0.2.1'] };
  const ignored = 'spec.externalIPs is ignored when spec.type is "ExternalName"';
  assert.deepEqual(told(external), [ignored]);
  assert.deepEqual(told({ clusterIPs: [odd] }), [form('spec.clusterIPs[0]')]);
  assert.deepEqual(told({ clusterIP: 'None', clusterIPs: ['None'] }), []);
});

test('addresses that are written oddly are told of wherever somebody writes them', () => {
  const label = (name: string, value: string): object => ({
    metadata: { labels: { [name]: value } },
  });
  const subsets = [{ addresses: [{ ip: odd }], notReadyAddresses: [{ ip: odd }] }];
  assert.deepEqual(
    [...endpointsWarnings({ subsets })],
    ['addresses', 'notReadyAddresses'].map((list) => form(`subsets[0].${list}[0].ip`)),
  );
  const byController = label('endpoints.kubernetes.io/managed-by', 'endpoint-controller');
  assert.deepEqual([...endpointsWarnings({ ...byController, subsets })], []);
  const slice = { addressType: 'IPv6', endpoints: [{ addresses: [odd] }] } as const;
  assert.deepEqual([...endpointSliceWarnings(slice)], [form('endpoints[0].addresses[0]')]);
  const key = 'endpointslice.kubernetes.io/managed-by';
  const mirrored = label(key, 'endpointslicemirroring-controller.k8s.io');
  assert.deepEqual([...endpointSliceWarnings({ ...mirrored, ...slice })], []);
  const status = { podIPs: [{ ip: odd }], hostIPs: [{ ip: odd }] };
  assert.deepEqual(
    [...podStatusWarnings({ status })],
    ['podIPs', 'hostIPs'].map((list) => form(`status.${list}[0].ip`)),
  );
  const ingress = [{ ip: '192.0.2.1' }, { ip: odd }];
  assert.deepEqual(
    [...loadBalancerStatusWarnings({ status: { loadBalancer: { ingress } } })],
    [form('status.loadBalancer.ingress[1]')],
  );
});

test('nodeWarnings() tells of fields that nothing reads any more', () => {
  const spec = { configSource: {}, externalID: 'i-1', podCIDRs: ['2001:DB8::/64'] };
  assert.deepEqual(
    [...nodeWarnings({ spec })],
    [
      'spec.configSource: the feature is removed',
      'spec.externalID: this field is deprecated, and is unused by Kubernetes',
      'spec.podCIDRs[0]: IPv6 CIDR value "2001:DB8::/64" should be in RFC 5952 canonical format ("2001:db8::/64")',
    ],
  );
});

test('storageCapacityWarnings() tells of labels of nodes that have another name by now', () => {
  const [zone, os] = ['failure-domain.beta.kubernetes.io/zone', 'beta.kubernetes.io/os'];
  const nodeTopology = {
    matchExpressions: [{ key: zone, operator: 'Exists' }],
    matchLabels: { [os]: 'linux' },
  };
  const capacity = { storageClassName: 'a', nodeTopology };
  assert.deepEqual(
    [...storageCapacityWarnings(capacity)],
    [
      `nodeTopology.matchExpressions[0].key: ${zone} is deprecated since v1.17; use "topology.kubernetes.io/zone" instead`,
      `nodeTopology.matchLabels.${os}: deprecated since v1.14; use "kubernetes.io/os" instead`,
    ],
  );
});
