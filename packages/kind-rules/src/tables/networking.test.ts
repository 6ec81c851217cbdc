import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { rowOf } from '../../test/row-of.ts';
import {
  ingressClasses,
  ingresses,
  ipAddresses,
  networkPolicies,
  serviceCidrs,
} from './networking.ts';

function hosts(...names: readonly (string | undefined)[]): unknown {
  return rowOf(ingresses, { spec: { rules: names.map((host) => ({ host })) } })['Hosts'];
}

test('ingresses show hosts, and how many rules follow the first three', () => {
  equal(hosts(), '*');
  equal(hosts(undefined, ''), '*');
  equal(hosts('a', 'b', 'c'), 'a,b,c');
  equal(hosts('a', undefined, 'b'), 'a,b');
  equal(hosts('a', 'b', 'c', undefined, 'd'), 'a,b,c + 2 more...');
});

test('ingresses show class, addresses and ports', () => {
  const spec = { ingressClassName: 'nginx', tls: [{}] };
  const status = { loadBalancer: { ingress: [{ ip: '9.9.9.9' }, { hostname: 'lb' }] } };
  deepEqual(rowOf(ingresses, { spec, status }), {
    Class: 'nginx',
    Hosts: '*',
    Address: '9.9.9.9,lb',
    Ports: '80, 443',
  });
});

test('ingressClasses show their parameters', () => {
  const parameters = { apiGroup: 'k8s.example.org', kind: 'Settings', name: 'main' };
  const row = (spec: object) => rowOf(ingressClasses, { spec })['Parameters'];
  equal(row({ parameters }), 'Settings.k8s.example.org/main');
  equal(row({ parameters: { kind: 'Settings', name: 'main' } }), 'Settings/main');
  equal(row({}), '<none>');
});

test('networkPolicies show the pods they are about', () => {
  const row = (podSelector: object) => rowOf(networkPolicies, { spec: { podSelector } });
  deepEqual(row({}), { 'Pod-Selector': '<none>' });
  deepEqual(row({ matchLabels: { app: 'db' } }), { 'Pod-Selector': 'app=db' });
});

test('ipAddresses show who holds them', () => {
  const row = (parentRef: object) => rowOf(ipAddresses, { spec: { parentRef } })['ParentRef'];
  equal(row({ resource: 'services', namespace: 'default', name: 'web' }), 'services/default/web');
  equal(row({ group: 'Example.org', resource: 'gates', name: 'g' }), 'gates.example.org/g');
});

test('serviceCidrs show their ranges', () => {
  deepEqual(rowOf(serviceCidrs, { spec: { cidrs: ['10.0.0.0/24', 'fd00::/112'] } }), {
    CIDRs: '10.0.0.0/24,fd00::/112',
  });
});
