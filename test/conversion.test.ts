import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Dial } from '@fairway/apiserver';
import { startTestServer } from '@fairway/apiserver/testing';
import { explicitTarget } from '@fairway/client';
import { buildTransport } from '@fairway/client/connect';
import { DisposalStack } from '@fairway/host';
import { systemClock, systemRandom } from '@fairway/host/nodejs';
import { settle } from '@fairway/host/testing';
import { type Handler, collectBody } from '@fairway/protocol';
import { listenForTest, makeTestCertificates } from '@fairway/serving/testing';

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

test('objects are converted by a webhook over TLS, by the authority that is named', async () => {
  await using started = new DisposalStack();
  const listener = started.use(await listenForTest(webhook, { tls: pki.tls }));
  const dial: Dial = (endpoint) => {
    const certificateAuthority =
      endpoint.kind === 'webhook' ? (endpoint.certificateAuthority ?? '') : '';
    const server = `${endpoint.scheme}://${endpoint.host}:${endpoint.port}`;
    const target = explicitTarget(systemClock, { server, certificateAuthority });
    const transport = buildTransport(target, { clock: systemClock, random: systemRandom });
    started.use(transport);
    return { request: transport.send, upgrade: transport.upgrade };
  };
  const server = started.use(await startTestServer({ dial }));
  for (const [plural, authority] of [
    ['known', pki.authority.certificate],
    ['strangers', pki.stranger.certificate],
  ] as const) {
    const url = `https://127.0.0.1:${listener.port}/convert`;
    const caBundle = Buffer.from(authority).toString('base64');
    const body = definitionOf(plural, { url, caBundle });
    const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    await server.expect(201, 'POST', definitions, { body });
    for (let turn = 0; turn < 20; turn++) await settle();
    const apiVersion = 'example.com/v1';
    const object = { apiVersion, kind: `Kind${plural}`, metadata: { name: 'a' } };
    await server.expect(201, 'POST', `/apis/example.com/v1/${plural}`, { body: object });
  }
  const { json } = await server.expect(200, 'GET', '/apis/example.com/v2/known/a');
  assert.equal(json.apiVersion, 'example.com/v2');
  const refused = await server.expect(500, 'GET', '/apis/example.com/v2/strangers/a');
  assert.match(
    refused.json.message,
    /^conversion webhook for .+ failed: Post "https.+": .*certificate/,
  );
});

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
