import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serviceVariables } from './service-variables.ts';

test('serviceVariables() says where services are, as the documentation shows', () => {
  const redis = {
    metadata: { name: 'redis-primary' },
    spec: {
      clusterIP: '10.0.0.11',
      ports: [
        { name: 'main', port: 6379 },
        { port: 53, protocol: 'UDP' as const },
      ],
    },
  };
  const headless = { metadata: { name: 'db' }, spec: { clusterIP: 'None', ports: [{ port: 1 }] } };
  assert.deepEqual(serviceVariables([redis, headless]), {
    REDIS_PRIMARY_SERVICE_HOST: '10.0.0.11',
    REDIS_PRIMARY_SERVICE_PORT: '6379',
    REDIS_PRIMARY_SERVICE_PORT_MAIN: '6379',
    REDIS_PRIMARY_PORT: 'tcp://10.0.0.11:6379',
    REDIS_PRIMARY_PORT_6379_TCP: 'tcp://10.0.0.11:6379',
    REDIS_PRIMARY_PORT_6379_TCP_PROTO: 'tcp',
    REDIS_PRIMARY_PORT_6379_TCP_PORT: '6379',
    REDIS_PRIMARY_PORT_6379_TCP_ADDR: '10.0.0.11',
    REDIS_PRIMARY_PORT_53_UDP: 'udp://10.0.0.11:53',
    REDIS_PRIMARY_PORT_53_UDP_PROTO: 'udp',
    REDIS_PRIMARY_PORT_53_UDP_PORT: '53',
    REDIS_PRIMARY_PORT_53_UDP_ADDR: '10.0.0.11',
  });
});
