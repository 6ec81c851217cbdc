import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Event, Service } from '@fairway/kinds/core/v1';
import { type RunningCluster, startRunningCluster } from '../../test/running-cluster.ts';
import { loadBalancerClass } from './load-balancers.ts';

const finalizer = 'service.kubernetes.io/load-balancer-cleanup';

const balanced = (name: string, spec: Service['spec'] = {}): Service => ({
  metadata: { name },
  spec: { type: 'LoadBalancer', ports: [{ port: 80 }], ...spec },
});

const start = (cidr: string): Promise<RunningCluster> =>
  startRunningCluster({
    controllers: ['service-lb-controller'],
    loadBalancerAddresses: { kind: 'network', cidr },
  });

async function addressOf({ client }: RunningCluster, name: string): Promise<string | undefined> {
  return (await client.find(Service, name))?.status?.loadBalancer?.ingress?.[0]?.ip;
}

async function whyWaiting({ client }: RunningCluster, name: string): Promise<string | undefined> {
  const { conditions } = (await client.find(Service, name))?.status ?? {};
  return conditions?.find(({ type }) => type === 'LoadBalancerReady')?.message;
}

async function reasons({ client }: RunningCluster, name: string): Promise<readonly string[]> {
  const { items } = await client.list(Event).all();
  return items.filter((each) => each.involvedObject.name === name).map(({ reason = '' }) => reason);
}

test('a load balancer gets an address, and gives it back with its type or its service', async () => {
  await using cluster = await start('192.0.2.0/30');
  const { client } = cluster;
  const has = (name: string, address: string | undefined): Promise<void> =>
    cluster.until(
      `${name} at ${address}`,
      async () => (await addressOf(cluster, name)) === address,
    );
  await client.create(Service, balanced('one'));
  await has('one', '192.0.2.1');
  await client.create(Service, balanced('two', { loadBalancerClass }));
  await has('two', '192.0.2.2');
  const one = await client.get(Service, 'one');
  assert.deepEqual(one.metadata?.finalizers, [finalizer]);
  assert.deepEqual(one.status?.loadBalancer?.ingress, [{ ip: '192.0.2.1', ipMode: 'VIP' }]);
  await client.create(Service, balanced('three'));
  await cluster.until('a reason', async () => (await whyWaiting(cluster, 'three')) !== undefined);
  assert.match(
    (await whyWaiting(cluster, 'three')) ?? '',
    /^services have all 2 addresses of 192\.0\.2\.0\/30; .* --load-balancer-cidr$/,
  );
  await client.patch(Service, 'one', { merge: { spec: { type: 'ClusterIP' } } });
  await has('three', '192.0.2.1');
  await has('one', undefined);
  assert.equal(await whyWaiting(cluster, 'three'), undefined);
  assert.deepEqual((await client.get(Service, 'one')).metadata?.finalizers, undefined);
  await client.create(Service, balanced('four', { loadBalancerIP: '192.0.2.2' }));
  await cluster.until('a reason', async () => (await whyWaiting(cluster, 'four')) !== undefined);
  await client.delete(Service, 'two');
  await has('four', '192.0.2.2');
  assert.equal(await client.find(Service, 'two'), undefined);
  await cluster.until('all events', async () =>
    (await reasons(cluster, 'two')).includes('DeletedLoadBalancer'),
  );
  assert.deepEqual(await reasons(cluster, 'four'), [
    'SyncLoadBalancerFailed',
    'EnsuringLoadBalancer',
    'EnsuredLoadBalancer',
  ]);
  assert.deepEqual(cluster.warnings, []);
});

test('a load balancer keeps its address over a restart, and gets another one in another network', async () => {
  await using cluster = await start('192.0.2.0/28');
  const { client } = cluster;
  await client.create(Service, balanced('asks', { loadBalancerIP: '192.0.2.9' }));
  await client.create(Service, balanced('elsewhere', { loadBalancerIP: '198.51.100.1' }));
  await cluster.until('both', async () =>
    Boolean((await addressOf(cluster, 'asks')) && (await whyWaiting(cluster, 'elsewhere'))),
  );
  assert.match((await whyWaiting(cluster, 'elsewhere')) ?? '', /192\.0\.2\.1 to 192\.0\.2\.14/);
  await client.patch(Service, 'asks', { merge: { spec: { loadBalancerIP: null } } });
  const status = { merge: { status: { loadBalancer: { ingress: [{ ip: '10.9.9.9' }] } } } };
  await client.create(Service, balanced('moved'));
  await cluster.until('an address', async () => (await addressOf(cluster, 'moved')) !== undefined);
  await client.subresource<Service>(Service, 'moved', 'status').patch(status);
  await cluster.restartControllers();
  await cluster.until('another', async () => (await addressOf(cluster, 'moved')) === '192.0.2.1');
  assert.equal(await addressOf(cluster, 'asks'), '192.0.2.9');
});

test('load balancers of another class are left alone', async () => {
  await using cluster = await start('192.0.2.0/28');
  const { client } = cluster;
  const other = balanced('other', { loadBalancerClass: 'example.com/other' });
  await client.create(Service, { ...other, metadata: { name: 'other', finalizers: [finalizer] } });
  await client.create(Service, balanced('ours'));
  await cluster.until('an address', async () => (await addressOf(cluster, 'ours')) !== undefined);
  const { status, metadata } = await client.get(Service, 'other');
  assert.deepEqual([status, metadata?.finalizers], [{ loadBalancer: {} }, [finalizer]]);
});

test('a load balancer says why it waits where no address would lead anywhere', async () => {
  const why = 'this machine runs no pods';
  await using cluster = await startRunningCluster({
    controllers: ['service-lb-controller'],
    loadBalancerAddresses: { kind: 'none', why },
  });
  const { client } = cluster;
  await client.create(Service, balanced('web'));
  await cluster.until('a reason', async () => (await whyWaiting(cluster, 'web')) === why);
  await client.patch(Service, 'web', { merge: { metadata: { labels: { a: 'b' } } } });
  await cluster.restartControllers();
  await cluster.server.clock.advance(30_000);
  assert.deepEqual(await reasons(cluster, 'web'), ['SyncLoadBalancerFailed']);
  const [event] = (await client.list(Event).all()).items;
  assert.equal(
    event?.message,
    `Error syncing load balancer: failed to ensure load balancer: ${why}`,
  );
  assert.equal(event?.count, 1);
  await client.delete(Service, 'web');
  await cluster.until('its end', async () => (await client.find(Service, 'web')) === undefined);
});
