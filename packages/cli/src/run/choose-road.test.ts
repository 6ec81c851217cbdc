import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ClusterTarget, anonymousCredentials, unchangingTrust } from '@fairway/client';
import { Secret } from '@fairway/host';
import { directRoad } from './choose-road.ts';

const certificateAuthority = 'PEM';

function target(parts: Partial<ClusterTarget> = {}): ClusterTarget {
  return {
    server: 'https://10.0.0.9:6443',
    trust: unchangingTrust({ certificateAuthority }),
    namespace: 'default',
    credentials: anonymousCredentials,
    origin: 'this test',
    ...parts,
  };
}

test('directRoad() is the address of the API where host, port and authority suffice', async () => {
  const authority = certificateAuthority;
  const cases: Record<string, object> = {
    'https://10.0.0.9:6443': { host: '10.0.0.9', port: '6443', authority },
    'https://api.example': { host: 'api.example', port: '443', authority },
    'https://[fd00::1]:6443': { host: 'fd00::1', port: '6443', authority },
  };
  for (const [server, road] of Object.entries(cases)) {
    assert.deepEqual(await directRoad(target({ server }), {}), road);
  }
});

test('directRoad() is none where a kubeconfig says more than a program can know', async () => {
  const cases: Partial<ClusterTarget>[] = [
    { server: 'https://gateway.example/k8s/clusters/a' },
    { servers: ['https://10.0.0.9:6443', 'https://10.0.0.10:6443'] },
    { proxyUrl: new Secret('http://proxy') },
    { trust: unchangingTrust({ isInsecure: true }) },
    { trust: unchangingTrust({ certificateAuthority, serverName: 'kubernetes' }) },
    { trust: unchangingTrust({}) },
  ];
  for (const each of cases) assert.equal(await directRoad(target(each), {}), undefined);
  assert.equal(await directRoad(target(), { HTTPS_PROXY: 'http://proxy' }), undefined);
});

test('directRoad() refuses an address without TLS', async () => {
  await assert.rejects(directRoad(target({ server: 'http://127.0.0.1:8001' }), {}), {
    name: 'CommandError',
    message: /without TLS/,
  });
});
