import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod, Service } from '@fairway/kinds/core/v1';
import { readForwardedPort } from './forwarded-ports.ts';

function podWith(http: number): Pod {
  const ports = [
    { name: 'http', containerPort: http },
    { name: 'dns', containerPort: 53, protocol: 'UDP' as const },
  ];
  return { metadata: { name: 'web' }, spec: { containers: [{ name: 'app', ports }] } };
}

function service(spec: object = {}): Service {
  const ports = [
    { name: 'main', port: 80, targetPort: 'http' },
    { name: 'admin', port: 81, targetPort: 9000 },
    { name: 'same', port: 82 },
    { name: 'dns', port: 53, protocol: 'UDP' as const },
  ];
  return { metadata: { name: 'svc' }, spec: { ports, ...spec } };
}

const pod = podWith(8080);

function read(text: string, owner?: Service): string {
  const { local, remote } = readForwardedPort(text, { pod, service: owner });
  return `${local} -> ${remote}`;
}

test('readForwardedPort() reads ports of a pod by number and by name', () => {
  assert.equal(read('80'), '80 -> 80');
  assert.equal(read('8443:443'), '8443 -> 443');
  assert.equal(read(':http'), '0 -> 8080');
  assert.equal(read('http'), '8080 -> 8080');
  assert.equal(read('0:80'), '0 -> 80');
});

test('readForwardedPort() goes from ports of a service to those of the pod', () => {
  assert.equal(read('80', service()), '80 -> 8080');
  assert.equal(read('main', service()), '80 -> 8080');
  assert.equal(read('5000:admin', service()), '5000 -> 9000');
  assert.equal(read(':82', service()), '0 -> 82');
  assert.equal(read('80', service({ clusterIP: 'None' })), '80 -> 80');
});

test('readForwardedPort() finds the port in each pod anew', () => {
  const port = readForwardedPort('main', { pod, service: service() });
  assert.equal(port.remoteIn(podWith(9090)), 9090);
});

test('readForwardedPort() says what is wrong', () => {
  for (const [text, message] of [
    ['', /invalid port format/],
    ['80:', /invalid port format/],
    ['1:2:3', /invalid port format/],
    ['0', /remote port must be > 0/],
    ['65536', /remote port '65536'/],
    ['65536:80', /local port '65536'/],
    ['a:80', /local port 'a'/],
    ['nope', /does not have a named port 'nope'/],
    ['53', /UDP protocol is not supported for 53/],
  ] as const) {
    assert.throws(() => read(text), message, text);
  }
  assert.throws(() => read('83', service()), /Service svc does not have a service port 83/);
  assert.throws(() => read('nope', service()), /Service 'svc' does not have a named port 'nope'/);
  assert.throws(() => read('dns', service()), /UDP protocol is not supported for dns/);
});
