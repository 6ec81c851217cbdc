import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Service } from '@fairway/kinds/core/v1';
import type { EndpointSlice } from '@fairway/kinds/discovery/v1';
import { servicePorts } from './service-port.ts';

type SliceEndpoint = NonNullable<EndpointSlice['endpoints']>[number];

const web: Service = {
  metadata: { name: 'web', namespace: 'shop' },
  spec: {
    clusterIPs: ['10.0.0.20', 'fd00::20'],
    ports: [
      { name: 'http', port: 80, nodePort: 30_080 },
      { port: 53, protocol: 'UDP' },
    ],
  },
};

function slice(
  endpoints: readonly SliceEndpoint[],
  more: Partial<EndpointSlice> = {},
): EndpointSlice {
  return { addressType: 'IPv4', ports: [{ name: 'http', port: 8080 }], endpoints, ...more };
}

const here = { name: 'here', addresses: ['198.51.100.7', 'fe80::1'], zone: 'z1' };
const a: SliceEndpoint = { addresses: ['10.244.0.2'], nodeName: 'here' };
const b: SliceEndpoint = { addresses: ['10.244.1.2'], nodeName: 'there' };
const addresses = (service: Service, slices: readonly EndpointSlice[]): readonly string[] =>
  (servicePorts(service, slices, here)[0]?.externalBackends ?? []).map(({ address }) => address);

test('each port of a service leads to the endpoints that have its name', () => {
  const [http, dns] = servicePorts(web, [slice([b, a])], here);
  assert.deepEqual(http, {
    key: 'shop/web/tcp/http',
    protocol: 'tcp',
    port: 80,
    clusterAddresses: ['10.0.0.20'],
    externalAddresses: [],
    loadBalancer: { addresses: [], sources: undefined },
    nodePort: 30_080,
    affinitySeconds: undefined,
    internalBackends: [
      { address: '10.244.0.2', port: 8080 },
      { address: '10.244.1.2', port: 8080 },
    ],
    externalBackends: [
      { address: '10.244.0.2', port: 8080 },
      { address: '10.244.1.2', port: 8080 },
    ],
    allBackends: undefined,
  });
  assert.deepEqual(
    [dns?.key, dns?.protocol, dns?.internalBackends],
    ['shop/web/udp/53', 'udp', []],
  );
});

test('services without an address of IPv4 have no ports here', () => {
  for (const clusterIPs of [['None'], ['fd00::1'], []]) {
    assert.deepEqual(servicePorts({ ...web, spec: { ...web.spec, clusterIPs } }, [], here), []);
  }
});

test('endpoints that end are used only where no other is ready, and each place counts once', () => {
  const ending: SliceEndpoint = {
    addresses: ['10.244.0.9'],
    conditions: { ready: false, serving: true, terminating: true },
  };
  const gone: SliceEndpoint = {
    addresses: ['10.244.0.8'],
    conditions: { ready: false, serving: false, terminating: true },
  };
  assert.deepEqual(addresses(web, [slice([a, ending]), slice([a])]), ['10.244.0.2']);
  assert.deepEqual(addresses(web, [slice([ending, gone])]), ['10.244.0.9']);
  assert.deepEqual(addresses(web, [slice([gone])]), []);
  assert.deepEqual(addresses(web, [slice([a], { addressType: 'IPv6' })]), []);
});

test('what stays near is what hints say, unless a policy says that it stays on this node', () => {
  const near = [
    { ...a, hints: { forZones: [{ name: 'z2' }] } },
    { ...b, hints: { forZones: [{ name: 'z1' }] } },
  ];
  assert.deepEqual(addresses(web, [slice(near)]), ['10.244.1.2']);
  const local = { ...web.spec, externalTrafficPolicy: 'Local' } as const;
  assert.deepEqual(addresses({ ...web, spec: local }, [slice(near)]), ['10.244.0.2']);
});

test('places that are none are passed over', () => {
  const strange = ['10.244.0.999', 'x', '::1', '10.0.0.1\n}'].map((address) => ({
    addresses: [address],
  }));
  assert.deepEqual(addresses(web, [slice([...strange, a])]), ['10.244.0.2']);
  assert.deepEqual(addresses(web, [slice([a], { ports: [{ name: 'http', port: 70_000 }] })]), []);
});

test('policies keep what comes to the programs of this node', () => {
  const local = { ...web.spec, externalTrafficPolicy: 'Local' } as const;
  assert.deepEqual(addresses({ ...web, spec: local }, [slice([a, b])]), ['10.244.0.2']);
  const [port] = servicePorts(
    { ...web, spec: { ...web.spec, internalTrafficPolicy: 'Local' } },
    [slice([b])],
    here,
  );
  assert.deepEqual([port?.internalBackends.length, port?.externalBackends.length], [0, 1]);
});

test('addresses of load balancers count unless these hand packets on themselves', () => {
  const ingress = [
    { ip: '192.0.2.1' },
    { ip: '192.0.2.2', ipMode: 'Proxy' as const },
    { hostname: 'x' },
  ];
  const service = {
    ...web,
    spec: { ...web.spec, externalIPs: ['192.0.2.9'] },
    status: { loadBalancer: { ingress } },
  };
  const [port] = servicePorts(service, [], here);
  assert.deepEqual(port?.externalAddresses, ['192.0.2.9']);
  assert.deepEqual(port?.loadBalancer, { addresses: ['192.0.2.1'], sources: undefined });
});

test('a load balancer is for those networks that it names, and for a node that is in one of them', () => {
  const sources = (...loadBalancerSourceRanges: string[]): readonly string[] | undefined => {
    const spec = { ...web.spec, loadBalancerSourceRanges };
    const status = { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } };
    return servicePorts({ ...web, spec, status }, [], here)[0]?.loadBalancer.sources;
  };
  assert.equal(sources(), undefined);
  assert.equal(sources('203.0.113.0/24', '0.0.0.0/0'), undefined);
  assert.deepEqual(sources(' 203.0.113.0/24 '), ['203.0.113.0/24']);
  assert.deepEqual(sources('198.51.100.0/24'), ['198.51.100.0/24', '192.0.2.1']);
  assert.deepEqual(sources('fd00::/8'), [], 'nobody of IPv4');
});

test('pods come to all programs also where others come to those of this node only', () => {
  const spec = { ...web.spec, externalTrafficPolicy: 'Local' } as const;
  const [port] = servicePorts({ ...web, spec }, [slice([a, b])], here);
  assert.deepEqual([port?.externalBackends.length, port?.allBackends?.length], [1, 2]);
});
