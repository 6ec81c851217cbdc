// A test of an operator whose pods run: on simulated nodes, in the test's own process, without containers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deployment } from '@fairway/kinds/apps/v1';
import { ConfigMap, ServiceAccount } from '@fairway/kinds/core/v1';
import { createController } from '@fairway/reconcile';
import { openTestCluster } from 'fairway/testing';

test('the operator gives each shop its replicas, and they become available', async () => {
  await using cluster = await openTestCluster({ simulatedNodes: 3 });
  const { client } = cluster;
  await client.waitFor(ServiceAccount, 'default', (account) => account !== undefined);
  const stop = new AbortController();
  const operator = createController(client, ConfigMap, {
    labelSelector: 'kind=shop',
    async reconcile({ name, namespace, object: shop }) {
      if (shop === undefined) return;
      const labels = { shop: name };
      await client.apply(
        Deployment,
        {
          metadata: { name, namespace },
          spec: {
            replicas: Number(shop.data?.['size']),
            selector: { matchLabels: labels },
            template: {
              metadata: { labels },
              spec: { containers: [{ name: 'shop', image: 'shop:1' }] },
            },
          },
        },
        { fieldManager: 'shops' },
      );
    },
  });
  const running = operator.run({ signal: stop.signal });

  const metadata = { name: 'corner', labels: { kind: 'shop' } };
  await client.create(ConfigMap, { metadata, data: { size: '5' } });
  const corner = await client.waitFor(
    Deployment,
    'corner',
    (deployment) => deployment?.status?.availableReplicas === 5,
  );
  assert.equal(corner?.status?.readyReplicas, 5);
  stop.abort();
  await running;
});
