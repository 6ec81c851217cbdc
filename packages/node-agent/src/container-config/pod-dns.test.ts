import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodSpec } from '@fairway/kinds/core/v1';
import { exampleNode as node } from '../../test/example-node.ts';
import { parseResolvConf, podDns } from './pod-dns.ts';

function dnsOf(spec: Partial<PodSpec>, facts = node) {
  const metadata = { name: 'web-0', namespace: 'shop', uid: 'u1' };
  return podDns({ metadata, spec: { containers: [], ...spec } }, facts);
}

const clusterFirst = {
  servers: ['10.96.0.10'],
  searches: ['shop.svc.cluster.local', 'svc.cluster.local', 'cluster.local', 'example.com'],
  options: ['ndots:5'],
};

test('podDns() asks whom the policy of a pod says', () => {
  const rows: [Partial<PodSpec>, object][] = [
    [{}, clusterFirst],
    [{ dnsPolicy: 'ClusterFirst', hostNetwork: true }, node.hostDns],
    [{ dnsPolicy: 'ClusterFirstWithHostNet', hostNetwork: true }, clusterFirst],
    [{ dnsPolicy: 'Default' }, node.hostDns],
    [
      {
        dnsPolicy: 'None',
        dnsConfig: { nameservers: ['9.9.9.9'], options: [{ name: 'rotate' }] },
      },
      { servers: ['9.9.9.9'], searches: [], options: ['rotate'] },
    ],
    [
      {
        dnsConfig: {
          nameservers: ['10.96.0.10', '9.9.9.9'],
          searches: ['a.b', 'example.com'],
          options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }],
        },
      },
      {
        servers: ['10.96.0.10', '9.9.9.9'],
        searches: [...clusterFirst.searches, 'a.b'],
        options: ['ndots:2', 'edns0'],
      },
    ],
  ];
  for (const [spec, config] of rows) assert.deepEqual(dnsOf(spec), { config, events: [] });
});

test('podDns() keeps what resolvers read, and tells what it left out', () => {
  const searches = Array.from({ length: 31 }, (_, index) => `d${index}.example.com`);
  const { config, events } = dnsOf({
    dnsPolicy: 'None',
    dnsConfig: { nameservers: ['1.1.1.1', '2.2.2.2', '3.3.3.3', '4.4.4.4'], searches },
  });
  assert.deepEqual(config.servers, ['1.1.1.1', '2.2.2.2', '3.3.3.3']);
  assert.equal(config.searches.length, 31);
  assert.deepEqual(events, [
    {
      type: 'Warning',
      reason: 'DNSConfigForming',
      message:
        'Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: 1.1.1.1 2.2.2.2 3.3.3.3',
    },
  ]);
  const searchesOf = (wished: readonly string[]): number => {
    const { config: within, events: told } = dnsOf({
      dnsPolicy: 'None',
      dnsConfig: { searches: wished },
    });
    assert.match(told[0]?.message ?? '', /^Search Line limits were exceeded, .*: (\S+ )*\S+$/);
    return within.searches.length;
  };
  assert.equal(searchesOf([...searches, 'one', 'more']), 32);
  assert.equal(searchesOf(['a', 'x'.repeat(254)]), 1);
  assert.equal(searchesOf(Array.from({ length: 9 }, (_, index) => `${index}`.repeat(250))), 8);
});

test('podDns() asks those of the machine where the cluster has no servers, and says so', () => {
  const { config, events } = dnsOf({}, { ...node, clusterDns: [] });
  assert.deepEqual(config, node.hostDns);
  assert.equal(events[0]?.reason, 'MissingClusterDNS');
  assert.match(events[0]?.message ?? '', /^pod: "web-0_shop\(u1\)"\. kubelet does not have/);
});

test('parseResolvConf() reads what counts', () => {
  const text = `# by hand
nameserver 1.1.1.1
search first.example
nameserver\t2.2.2.2 # second
search example.com. local .
options ndots:1
options edns0 trust-ad
nameserver`;
  assert.deepEqual(parseResolvConf(text), {
    servers: ['1.1.1.1', '2.2.2.2'],
    searches: ['example.com', 'local', '.'],
    options: ['edns0', 'trust-ad'],
  });
});
