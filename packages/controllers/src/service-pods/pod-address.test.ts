import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod, Service } from '@fairway/kinds/core/v1';
import { addressesOf, familiesOf, isReachable } from './pod-address.ts';
import { portsOnPod } from './ports-on-pod.ts';

const dual: Pod = {
  metadata: { name: 'a', namespace: 'shop' },
  spec: {
    containers: [
      { name: 'main', ports: [{ name: 'http', containerPort: 8080 }] },
      { name: 'dns', ports: [{ name: 'http', containerPort: 53, protocol: 'UDP' }] },
    ],
    initContainers: [
      { name: 'proxy', restartPolicy: 'Always', ports: [{ name: 'admin', containerPort: 15000 }] },
      { name: 'setup', ports: [{ name: 'once', containerPort: 1 }] },
    ],
  },
  status: { phase: 'Running', podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }] },
};

test('a pod with addresses of both families has one for each', () => {
  assert.deepEqual(addressesOf(dual, 'IPv4'), ['10.0.0.1']);
  assert.deepEqual(addressesOf(dual, 'IPv6'), ['fd00::1']);
  const families = (spec: Service['spec']): readonly string[] =>
    familiesOf(spec === undefined ? {} : { spec });
  assert.deepEqual(families({ ipFamilies: ['IPv6', 'IPv4'] }), ['IPv6', 'IPv4']);
  assert.deepEqual(families({ clusterIP: 'fd00::2' }), ['IPv6']);
  assert.deepEqual(families(undefined), ['IPv4']);
});

test('a pod that is over, or has no address yet, is not reached', () => {
  assert.equal(isReachable(dual), true);
  assert.equal(isReachable({ ...dual, status: { ...dual.status, phase: 'Succeeded' } }), false);
  assert.equal(isReachable({ ...dual, status: { phase: 'Running' } }), false);
});

test('a named port is that of the container that has it, with the same protocol', () => {
  const ports: NonNullable<Service['spec']>['ports'] = [
    { name: 'web', port: 80, targetPort: 'http' },
    { name: 'dns', port: 53, targetPort: 'http', protocol: 'UDP' },
    { name: 'admin', port: 81, targetPort: 'admin', appProtocol: 'h2c' },
    { name: 'gone', port: 82, targetPort: 'once' },
    { port: 83 },
  ];
  assert.deepEqual(portsOnPod({ spec: { ports } }, dual), [
    { name: 'web', port: 8080, protocol: 'TCP' },
    { name: 'dns', port: 53, protocol: 'UDP' },
    { name: 'admin', port: 15000, protocol: 'TCP', appProtocol: 'h2c' },
    { name: '', port: 83, protocol: 'TCP' },
  ]);
});
