import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeCertificateRequest } from '@fairway/certificates/testing';
import { createClient } from '@fairway/client';
import { seededRandom } from '@fairway/host/testing';
import {
  CertificateSigningRequest,
  type CertificateSigningRequestSpec,
} from '@fairway/kinds/certificates/v1';
import { Node } from '@fairway/kinds/core/v1';
import { EndpointSlice } from '@fairway/kinds/discovery/v1';
import { type RunningCluster, startRunningCluster } from '../../test/running-cluster.ts';

const signerName = 'kubernetes.io/kubelet-serving';
const usages = ['digital signature', 'server auth'] as CertificateSigningRequestSpec['usages'];

async function addNode({ client }: RunningCluster, name: string, address: string): Promise<void> {
  await client.create(Node, { metadata: { name } });
  const status = { addresses: [{ type: 'InternalIP', address }] };
  await client.subresource(Node, name, 'status').patch({ merge: { status } });
}

interface Asked {
  readonly by?: string;
  readonly groups?: readonly string[];
  readonly username?: string;
  readonly ip?: string;
  readonly dns?: string;
}

/** Whether such a request is approved within a minute. */
async function isApproved(cluster: RunningCluster, asked: Asked): Promise<boolean> {
  const { server } = cluster;
  const { clock } = server;
  const { by = 'n1', groups = ['system:nodes'], ip, dns } = asked;
  const { username = `system:node:${by}` } = asked;
  const user = { username, groups: [...groups, 'system:masters'] };
  const client = createClient({
    transport: server.api.handlerFor(user),
    clock,
    random: seededRandom(9),
  });
  const subject = `O=system:nodes, CN=system:node:${by}`;
  const names = [
    ...(ip === undefined ? [] : [{ type: 'ip', value: ip } as const]),
    ...(dns === undefined ? [] : [{ type: 'dns', value: dns } as const]),
  ];
  const { request } = await makeCertificateRequest({ subject, names });
  const spec = {
    signerName,
    usages: usages ?? [],
    request: Buffer.from(request).toString('base64'),
  };
  const made = await client.create(CertificateSigningRequest, {
    metadata: { generateName: 'csr-' },
    spec,
  });
  await clock.advance(60_000);
  const found = await cluster.client.get(CertificateSigningRequest, made.metadata?.name ?? '');
  return found.status?.conditions?.some(({ type }) => type === 'Approved') === true;
}

test('a node gets its serving certificate for addresses that are its own and nobody else’s', async () => {
  await using cluster = await startRunningCluster();
  const { client } = cluster;
  await addNode(cluster, 'n1', '192.0.2.1');
  await addNode(cluster, 'n2', '192.0.2.2');
  await addNode(cluster, 'n3', '192.0.2.2');
  await addNode(cluster, 'n4', '127.0.0.1');
  await addNode(cluster, 'n5', '127.0.0.1');
  await addNode(cluster, 'n6', '198.51.100.6');
  await client.update(
    EndpointSlice,
    'kubernetes',
    (slice) => void (slice.endpoints = [{ addresses: ['198.51.100.6'] }]),
    { namespace: 'default' },
  );
  const cases: readonly (readonly [Asked, boolean])[] = [
    [{ ip: '192.0.2.1' }, true],
    [{ ip: '192.0.2.2' }, false],
    [{ by: 'n2', ip: '192.0.2.2' }, false],
    [{ by: 'n4', ip: '127.0.0.1' }, true],
    [{ by: 'n6', ip: '198.51.100.6' }, false],
    [{ by: 'n9', ip: '192.0.2.9' }, false],
    [{ ip: '192.0.2.1', dns: 'kubernetes.default.svc' }, false],
    [{ ip: '192.0.2.1', groups: [] }, false],
    [{ username: 'joiner', ip: '192.0.2.1' }, false],
  ];
  for (const [asked, expected] of cases) {
    assert.equal(await isApproved(cluster, asked), expected, JSON.stringify(asked));
  }
});

test('a node that has not told its address yet gets its certificate once it has', async () => {
  await using cluster = await startRunningCluster();
  await cluster.client.create(Node, { metadata: { name: 'n1' } });
  assert.equal(await isApproved(cluster, { ip: '192.0.2.1' }), false);
  const status = { addresses: [{ type: 'InternalIP', address: '192.0.2.1' }] };
  await cluster.client.subresource(Node, 'n1', 'status').patch({ merge: { status } });
  await cluster.until('the approval', async () => {
    const { items } = await cluster.client.list(CertificateSigningRequest).all();
    return items[0]?.status?.conditions?.[0]?.reason === 'AutoApproved';
  });
});
