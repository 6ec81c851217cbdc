import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type ValidatingWebhook,
  ValidatingWebhookConfiguration,
} from '@fairway/kinds/admissionregistration/v1';
import { ConfigMap } from '@fairway/kinds/core/v1';
import { DisposalStack } from '@fairway/host';
import { settle } from '@fairway/host/testing';
import { type Handler, collectBody } from '@fairway/protocol';
import { makeTestCertificates } from '@fairway/certificates/testing';
import { listenForTest } from '@fairway/serving/testing';
import { openCluster } from './open-cluster.ts';

const pki = await makeTestCertificates();

async function* pour(): AsyncIterable<Uint8Array> {
  const chunk = Buffer.alloc(1024 * 1024, ' ');
  for (;;) yield chunk;
}

/** Answers as its path says. */
const webhook: Handler = async ({ path, body }) => {
  const text = Buffer.from(await collectBody(body)).toString();
  const { kind, apiVersion, request } = JSON.parse(text) as {
    kind: string;
    apiVersion: string;
    request: { uid: string };
  };
  const headers = { 'content-type': 'application/json' };
  if (path === '/gigabytes') return { status: 200, headers, body: pour() };
  if (path === '/redirect')
    return { status: 307, headers: { location: '/allow' }, body: undefined };
  const response = { uid: request.uid, allowed: true };
  return {
    status: 200,
    headers,
    body: Buffer.from(JSON.stringify({ kind, apiVersion, response })),
  };
};

test('fairway up asks webhooks over TLS, and outlives what they answer', async () => {
  await using started = new DisposalStack();
  const listener = started.use(await listenForTest(webhook, { tls: pki.tls }));
  const { admin } = started.use(await openCluster());
  const bundle = (pem: string): string => Buffer.from(pem).toString('base64');
  const [known, strange] = [bundle(pki.authority.certificate), bundle(pki.stranger.certificate)];
  const paths = { allow: known, gigabytes: known, redirect: known, strangers: strange };
  await admin.create(ValidatingWebhookConfiguration, {
    metadata: { name: 'webhooks' },
    webhooks: Object.entries(paths).map(([path, caBundle]): ValidatingWebhook => ({
      name: `${path}.example.com`,
      clientConfig: { url: `https://127.0.0.1:${listener.port}/${path}`, caBundle },
      objectSelector: { matchLabels: { asks: path } },
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      rules: [
        {
          apiGroups: [''],
          apiVersions: ['v1'],
          operations: ['CREATE'],
          resources: ['configmaps'],
        },
      ],
    })),
  });
  for (let turn = 0; turn < 20; turn++) await settle();
  const create = (asks: string): Promise<ConfigMap> =>
    admin.create(ConfigMap, { metadata: { name: asks, labels: { asks } } });
  for (let round = 0; round < 2; round++) {
    await assert.rejects(create('gigabytes'), /longer than answerBytesMax \(8388608\)/);
    await assert.rejects(create('redirect'), /responded with the status code 307/);
    await assert.rejects(create('strangers'), /x509: certificate signed by unknown authority/);
  }
  assert.equal((await create('allow')).metadata?.name, 'allow');
});
