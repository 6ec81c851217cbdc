import assert from 'node:assert/strict';
import { test } from 'node:test';
import { examplePort } from '../../test/example-port.ts';
import { changeScript, fullScript } from '../nftables/table-script.ts';
import { serviceFrame } from './service-frame.ts';
import { serviceRuleset } from './service-ruleset.ts';
import type { ServicePort } from './service-port.ts';

const frame = serviceFrame({ clusterCidr: '10.244.0.0/16', serviceCidr: '10.0.0.0/24' });
const table = { name: 't', frame };
const one = { address: '10.244.0.2', port: 8080 };
const two = { address: '10.244.0.3', port: 8080 };
const web: ServicePort = { ...examplePort, internalBackends: [one], externalBackends: [one] };
const nothing = serviceRuleset([]);

test('a service becomes a chain, and its address leads there', () => {
  assert.equal(
    changeScript(table, nothing, serviceRuleset([web])),
    `add chain ip t internal/shop/web/tcp/http
add rule ip t internal/shop/web/tcp/http meta l4proto tcp dnat to 10.244.0.2:8080
add element ip t service-addresses { 10.0.0.20 . tcp . 80 : goto internal/shop/web/tcp/http }
add element ip t hairpins { 10.244.0.2 . 10.244.0.2 }
`,
  );
});

test('only what differs is changed', () => {
  const more = { ...web, internalBackends: [one, two] };
  assert.equal(changeScript(table, serviceRuleset([web]), serviceRuleset([web])), '');
  assert.equal(
    changeScript(table, serviceRuleset([web]), serviceRuleset([more])),
    `add chain ip t internal/shop/web/tcp/http
flush chain ip t internal/shop/web/tcp/http
add rule ip t internal/shop/web/tcp/http numgen random mod 2 == 0 meta l4proto tcp dnat to 10.244.0.2:8080
add rule ip t internal/shop/web/tcp/http meta l4proto tcp dnat to 10.244.0.3:8080
add element ip t hairpins { 10.244.0.3 . 10.244.0.3 }
`,
  );
  assert.equal(
    changeScript(table, serviceRuleset([web]), nothing),
    `delete element ip t service-addresses { 10.0.0.20 . tcp . 80 }
delete element ip t hairpins { 10.244.0.2 . 10.244.0.2 }
flush chain ip t internal/shop/web/tcp/http
delete chain ip t internal/shop/web/tcp/http
`,
  );
});

test('the entrances of a service without endpoints refuse, those of others replace the sender', () => {
  const open = { ...web, nodePort: 30_080, externalAddresses: ['192.0.2.1'] };
  const { elements, chains } = serviceRuleset([open]);
  assert.deepEqual(
    [...(elements.get('node-ports') ?? [])],
    [['tcp . 30080', 'goto enter/shop/web/tcp/http']],
  );
  assert.deepEqual(chains.get('enter/shop/web/tcp/http'), [
    'meta mark set mark or 0x4000',
    'goto internal/shop/web/tcp/http',
  ]);
  const shut = serviceRuleset([{ ...open, externalBackends: [] }]);
  assert.deepEqual([...(shut.elements.get('refused-ports') ?? [])], [['tcp . 30080', '']]);
  assert.deepEqual(
    [...(shut.elements.get('refused-addresses') ?? [])],
    [['192.0.2.1 . tcp . 80', '']],
  );
});

test('a load balancer leads on those whom it admits, and refuses others', () => {
  const loadBalancer = { addresses: ['192.0.2.1'], sources: ['10.0.0.0/8', '10.1.0.0/16'] };
  const { elements, chains } = serviceRuleset([{ ...web, loadBalancer }]);
  const address = '192.0.2.1 . tcp . 80';
  const key = 'shop/web/tcp/http';
  assert.equal(elements.get('external-addresses')?.get(address), `goto admit/${key}`);
  assert.deepEqual(chains.get(`admit/${key}`), [
    `ip saddr 10.0.0.0/8 goto enter/${key}`,
    `ip saddr 10.1.0.0/16 goto enter/${key}`,
  ]);
  assert.equal(elements.get('refused-addresses')?.get(address), '');
  assert.deepEqual(chains.get(`enter/${key}`), [
    'meta mark set mark or 0x4000',
    `goto internal/${key}`,
  ]);
});

test('where others are led to programs of this node only, pods and the node are led to all', () => {
  const several = { internalBackends: [two], allBackends: [one, two] };
  const local = { ...web, externalAddresses: ['192.0.2.1'], ...several };
  const key = 'shop/web/tcp/http';
  const inside = [
    `ip saddr @pods goto all/${key}`,
    'fib saddr type local meta mark set mark or 0x4000',
    `fib saddr type local goto all/${key}`,
  ];
  const { chains, elements } = serviceRuleset([local]);
  assert.deepEqual(chains.get(`enter/${key}`), [...inside, `goto external/${key}`]);
  assert.equal(elements.get('refused-addresses')?.size, 0);
  const elsewhere = serviceRuleset([{ ...local, externalBackends: [] }]);
  assert.deepEqual(elsewhere.chains.get(`enter/${key}`), inside);
  assert.equal(elsewhere.elements.get('external-addresses')?.size, 1);
  assert.equal(elsewhere.elements.get('refused-addresses')?.size, 1);
});

test('a client that is to stay is remembered for its time', () => {
  const { chains, sets } = serviceRuleset([
    { ...web, affinitySeconds: 90, internalBackends: [one, two] },
  ]);
  const to = 'to/internal/shop/web/tcp/http/10.244.0.2/8080';
  const clients = 'clients/90/internal/shop/web/tcp/http/10.244.0.2/8080';
  assert.deepEqual(chains.get(to), [
    `update @${clients} { ip saddr }`,
    'meta l4proto tcp dnat to 10.244.0.2:8080',
  ]);
  assert.equal(sets.get(clients), 'type ipv4_addr; flags dynamic, timeout; timeout 90s;');
  assert.equal(chains.get('internal/shop/web/tcp/http')?.[0], `ip saddr @${clients} goto ${to}`);
});

test('the whole table is made anew in one transaction', () => {
  const script = fullScript(table, serviceRuleset([web]));
  assert.ok(script.startsWith('add table ip t\ndelete table ip t\ntable ip t {\n'));
  assert.ok(script.includes('ip saddr 10.244.0.0/16 jump services'));
  assert.ok(script.includes('add chain ip t internal/shop/web/tcp/http'));
});
