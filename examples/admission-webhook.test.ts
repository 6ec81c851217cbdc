// A webhook of a few lines, and a test of it with a cluster of its own: nothing to install.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Client } from '@fairway/client';
import { MutatingWebhookConfiguration } from '@fairway/kinds/admissionregistration/v1';
import { ConfigMap } from '@fairway/kinds/core/v1';
import { allow, answerAdmission, changeTo, deny } from '@fairway/webhooks';
import { type ServedWebhooks, serveWebhooks, trustWebhooks } from '@fairway/webhooks/serve';
import { openTestCluster } from 'fairway/testing';

// Config maps say who made them, and hold no passwords.
const configMaps = answerAdmission<ConfigMap>(({ object, operation, user }) => {
  const secret = Object.keys(object?.data ?? {}).find((key) => /password/i.test(key));
  if (secret !== undefined) return deny(`${secret} belongs into a secret`, { code: 403 });
  if (operation !== 'CREATE' || object === undefined) return allow();
  const annotations = { ...object.metadata?.annotations, 'example.com/made-by': user.username };
  return changeTo({ ...object, metadata: { ...object.metadata, annotations } });
});

async function serve(client: Client): Promise<ServedWebhooks> {
  const served = await serveWebhooks({
    handlers: { '/config-maps': configMaps },
    certificate: { selfMadeFor: ['127.0.0.1'] },
    host: '127.0.0.1',
    port: 0,
  });
  const rule = { apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] };
  await client.create(MutatingWebhookConfiguration, {
    metadata: { name: 'config-maps' },
    webhooks: [
      {
        name: 'config-maps.example.com',
        clientConfig: { url: `https://127.0.0.1:${served.port}/config-maps` },
        rules: [{ ...rule, operations: ['CREATE', 'UPDATE'] }],
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
      },
    ],
  });
  await trustWebhooks(client, served.authority ?? '', { mutating: 'config-maps' });
  return served;
}

test('config maps say who made them, and hold no passwords', async () => {
  await using cluster = await openTestCluster({ controllers: [] });
  const { client } = cluster;
  await using _ = await serve(client);
  const made = await client.create(ConfigMap, { metadata: { name: 'tides' } });
  assert.equal(made.metadata?.annotations?.['example.com/made-by'], 'admin');
  await assert.rejects(
    client.create(ConfigMap, { metadata: { name: 'db' }, data: { password: 'x' } }),
    { message: /"config-maps.example.com" denied the request: password belongs into a secret/ },
  );
});
