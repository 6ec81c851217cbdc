import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container } from '@fairway/kinds/core/v1';
import { portWarnings } from './ports.ts';

function warnings(ports: readonly object[]): readonly string[] {
  const all = ports.map((port) => ({ protocol: 'TCP', containerPort: 80, ...port }));
  const container = { name: 'c', ports: all } as unknown as Container;
  return [...portWarnings([[container, 'c']])];
}

test('portWarnings() tells ports apart by what they take of the node', () => {
  const address = { hostPort: 8080, hostIP: '10.0.0.1' };
  assert.deepEqual(warnings([{ hostPort: 8080 }, { hostPort: 8080 }]), [
    'c.ports[1]: duplicate port definition with c.ports[0]',
  ]);
  assert.deepEqual(warnings([{}, { hostPort: 8080 }]), [
    'c.ports[1]: overlapping port definition with c.ports[0]',
  ]);
  assert.deepEqual(warnings([{ hostPort: 8080 }, address]), [
    'c.ports[1]: dangerously ambiguous port definition with c.ports[0]',
  ]);
  assert.deepEqual(warnings([address, { hostPort: 8080 }]), [
    'c.ports[1]: dangerously ambiguous port definition with c.ports[0]',
  ]);
  assert.deepEqual(
    warnings([address, { hostPort: 8081 }, { hostPort: 8080, hostIP: '10.0.0.2' }]),
    [],
  );
  assert.deepEqual(warnings([{}, address, { hostPort: 8080 }]), [
    'c.ports[1]: overlapping port definition with c.ports[0]',
    'c.ports[2]: overlapping port definition with c.ports[0]',
    'c.ports[2]: dangerously ambiguous port definition with c.ports[1]',
  ]);
});

test('portWarnings() tells of an address of the node that no port uses', () => {
  assert.deepEqual(warnings([{ name: 'web', hostIP: '10.0.0.1' }]), [
    'c.ports[0]: hostIP set without hostPort: {Name:web HostPort:0 ContainerPort:80 Protocol:TCP HostIP:10.0.0.1}',
  ]);
});

test('portWarnings() tells of a name that two ports have, but where they are told of already', () => {
  assert.deepEqual(warnings([{ name: 'a' }, { name: 'a', containerPort: 81 }]), [
    'c.ports[1]: duplicate port name "a" with c.ports[0], services and probes that select ports by name will use c.ports[0]',
  ]);
  assert.equal(warnings([{ name: 'a' }, { name: 'a' }]).length, 1);
});
