import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DisposalStack } from '@fairway/host';
import { settle } from '@fairway/host/testing';
import { type Handler, collectBody } from '@fairway/protocol';
import { makeTestCertificates } from '@fairway/certificates/testing';
import { listenForTest } from '@fairway/serving/testing';
import { type OpenCluster, openCluster } from './open-cluster.ts';

const pki = await makeTestCertificates();

/** A webhook of a few lines, which changes the version and nothing else. */
const webhook: Handler = async ({ body }) => {
  const text = Buffer.from(await collectBody(body)).toString();
  const { kind, apiVersion, request } = JSON.parse(text) as Review;
  const convertedObjects = request.objects.map((object) => ({
    ...object,
    apiVersion: request.desiredAPIVersion,
  }));
  const response = { uid: request.uid, result: { status: 'Success' }, convertedObjects };
  const answer = JSON.stringify({ kind, apiVersion, response });
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(answer),
  };
};

interface Review {
  readonly kind: string;
  readonly apiVersion: string;
  readonly request: {
    readonly uid: string;
    readonly desiredAPIVersion: string;
    readonly objects: readonly object[];
  };
}

test('fairway up has a webhook convert over TLS, by the authority that is named', async () => {
  await using started = new DisposalStack();
  const listener = started.use(await listenForTest(webhook, { tls: pki.tls }));
  const url = `https://127.0.0.1:${listener.port}/convert`;
  const bundle = (pem: string): string => Buffer.from(pem).toString('base64');
  const open = started.use(await openCluster());
  for (const [plural, clientConfig] of [
    ['known', { url, caBundle: bundle(pki.authority.certificate) }],
    ['strangers', { url, caBundle: bundle(pki.stranger.certificate) }],
    ['services', { service: { namespace: 'default', name: 'converter' } }],
  ] as const) {
    const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    const body = definitionOf(plural, clientConfig);
    assert.equal((await ask(open, 'POST', definitions, body)).status, 201);
    for (let turn = 0; turn < 20; turn++) await settle();
    const object = {
      apiVersion: 'example.com/v1',
      kind: `Kind${plural}`,
      metadata: { name: 'a' },
    };
    const created = await ask(open, 'POST', `/apis/example.com/v1/${plural}`, object);
    assert.equal(created.status, 201);
  }
  const { json } = await ask(open, 'GET', '/apis/example.com/v2/known/a');
  assert.equal(json.apiVersion, 'example.com/v2');
  for (const [plural, message] of [
    ['strangers', /^conversion webhook for .+ failed: Post "https.+": .*certificate/],
    ['services', /Post "https:\/\/converter.default.svc:443\/.*": service "converter" not found$/],
  ] as const) {
    const refused = await ask(open, 'GET', `/apis/example.com/v2/${plural}/a`);
    assert.equal(refused.status, 500);
    assert.match(refused.json.message ?? '', message);
  }
});

async function ask(
  { cluster }: OpenCluster,
  method: string,
  path: string,
  object?: object,
): Promise<{
  readonly status: number;
  readonly json: { readonly apiVersion?: string; readonly message?: string };
}> {
  const send = cluster.apiServer.handlerFor({ username: 'admin', groups: ['system:masters'] });
  const body = object === undefined ? undefined : Buffer.from(JSON.stringify(object));
  const headers = { 'content-type': 'application/json' };
  const { signal } = new AbortController();
  const response = await send({ method, path, query: '', headers, body, signal });
  const text = Buffer.from(await collectBody(response.body)).toString();
  return { status: response.status, json: JSON.parse(text) };
}

function definitionOf(plural: string, clientConfig: object): object {
  const schema = { openAPIV3Schema: { type: 'object' } };
  return {
    metadata: { name: `${plural}.example.com` },
    spec: {
      group: 'example.com',
      scope: 'Cluster',
      names: { plural, kind: `Kind${plural}`, singular: `one-${plural}` },
      versions: [
        { name: 'v1', served: true, storage: true, schema },
        { name: 'v2', served: true, storage: false, schema },
      ],
      conversion: {
        strategy: 'Webhook',
        webhook: { conversionReviewVersions: ['v1'], clientConfig },
      },
    },
  };
}
