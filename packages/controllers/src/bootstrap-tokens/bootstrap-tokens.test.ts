import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { ConfigMap, Secret } from '@fairway/kinds/core/v1';
import { formatTime } from '@fairway/protocol';
import { type RunningCluster, startRunningCluster } from '../../test/running-cluster.ts';

const controllers = ['*', 'bootstrapsigner', 'tokencleaner'];
const system = { namespace: 'kube-system' };

function token(id: string, more: Readonly<Record<string, string>> = {}): Secret {
  const secret = `0123456789${id}`;
  return {
    metadata: { name: `bootstrap-token-${id}`, ...system },
    type: 'bootstrap.kubernetes.io/token',
    stringData: {
      'token-id': id,
      'token-secret': secret,
      'usage-bootstrap-signing': 'true',
      ...more,
    },
  };
}

async function signaturesIn({ client }: RunningCluster): Promise<Record<string, string>> {
  const { data = {} } = await client.get(ConfigMap, 'cluster-info', { namespace: 'kube-public' });
  return Object.fromEntries(Object.entries(data).filter(([key]) => key !== 'kubeconfig'));
}

function signature(id: string, text: string): string {
  const encode = (part: string): string => Buffer.from(part).toString('base64url');
  const header = encode(`{"alg":"HS256","kid":"${id}"}`);
  const mac = createHmac('sha256', `0123456789${id}`).update(`${header}.${encode(text)}`);
  return `${header}..${mac.digest('base64url')}`;
}

test('signClusterInfo() keeps a signature by each token that is for signing', async () => {
  await using cluster = await startRunningCluster({ controllers });
  const { client } = cluster;
  await client.create(Secret, token('abcdef'));
  await client.create(Secret, token('ghijkl', { 'usage-bootstrap-signing': 'false' }));
  const metadata = { name: 'cluster-info', namespace: 'kube-public' };
  const stale = { kubeconfig: 'one', 'jws-kubeconfig-zzzzzz': 'old' };
  const map = await client.create(ConfigMap, { metadata, data: stale });
  const isSigned = async (expected: Record<string, string>): Promise<boolean> => {
    const found = await signaturesIn(cluster);
    return JSON.stringify(found) === JSON.stringify(expected);
  };
  await cluster.until('a signature', () =>
    isSigned({ 'jws-kubeconfig-abcdef': signature('abcdef', 'one') }),
  );
  await client.create(Secret, token('mnopqr'));
  await cluster.until('another', async () => Object.keys(await signaturesIn(cluster)).length === 2);
  await client.delete(Secret, 'bootstrap-token-abcdef', system);
  await cluster.until('the end of the first', () =>
    isSigned({ 'jws-kubeconfig-mnopqr': signature('mnopqr', 'one') }),
  );
  await client.patch(
    ConfigMap,
    'cluster-info',
    { merge: { data: { kubeconfig: 'two' } } },
    metadata,
  );
  await cluster.until('a new signature', () =>
    isSigned({ 'jws-kubeconfig-mnopqr': signature('mnopqr', 'two') }),
  );
  assert.equal(map.data?.['kubeconfig'], 'one');
  assert.deepEqual(cluster.warnings, []);
});

test('cleanTokens() deletes tokens when they expire, and no other secrets', async () => {
  await using cluster = await startRunningCluster({ controllers });
  const { client, server } = cluster;
  const expiration = formatTime(server.clock.now() + 120_000);
  await client.create(Secret, token('abcdef', { expiration }));
  await client.create(Secret, token('ghijkl'));
  await client.create(Secret, token('mnopqr', { expiration: formatTime(server.clock.now()) }));
  await client.create(Secret, { ...token('stuvwx', { expiration }), type: 'Opaque' });
  const names = async (): Promise<string> => {
    const found = await client.list(Secret, system).all();
    return found.items.map(({ metadata }) => metadata?.name?.slice(-6)).join(' ');
  };
  await cluster.until('the end of one', async () => (await names()) === 'abcdef ghijkl stuvwx');
  await server.clock.advance(100_000);
  assert.equal(await names(), 'abcdef ghijkl stuvwx');
  await server.clock.advance(21_000);
  await cluster.until('the end of another', async () => (await names()) === 'ghijkl stuvwx');
  assert.deepEqual(cluster.warnings, []);
});
