import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AnyObject, type TestServer, startTestServer } from '@fairway/apiserver/testing';
import { settle } from '@fairway/host/testing';
import {
  createApiService,
  createTideService,
  createTideSlice,
  group,
  jsonAnswer,
  notThere,
  plainAnswer,
  recordingExtension,
  root,
  startWithExtension,
  untilSaid,
} from './extension-server.ts';

const slice = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/tides-1';
const merged = { 'content-type': 'application/merge-patch+json' };
const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

test('what is wrong with the way to a server is said in the words of kube-aggregator', async () => {
  const extension = recordingExtension();
  await using server = await startTestServer({ dial: extension.dial });
  const said = async (reason: string): Promise<unknown> =>
    (await untilSaid(server, reason))['message'];
  await createApiService(server);
  assert.equal(await said('ServiceNotFound'), 'service/tides in "default" is not present');
  await createTideService(server, 8443);
  assert.equal(
    await said('ServicePortError'),
    'service/tides in "default" is not listening on port 443',
  );
  await server.expect(200, 'PATCH', '/api/v1/namespaces/default/services/tides', {
    body: { spec: { ports: [{ name: 'https', port: 443 }] } },
    headers: merged,
  });
  assert.equal(
    await said('EndpointsNotFound'),
    'cannot find endpointslices for service/tides in "default"',
  );
  await createTideSlice(server, [{ addresses: ['10.244.0.9'], conditions: { ready: false } }]);
  assert.equal(
    await said('MissingEndpoints'),
    'endpointslices for service/tides in "default" have no addresses with port name "https"',
  );
  extension.answer = async () => notThere;
  const ready = { endpoints: [{ addresses: ['10.244.0.9'], conditions: { ready: true } }] };
  await server.expect(200, 'PATCH', slice, { body: ready, headers: merged });
  const url = `https://10.244.0.9:4443${root}`;
  assert.equal(
    await said('FailedDiscoveryCheck'),
    `failing or missing response from ${url}: bad status from ${url}: 404`,
  );
  const refused = await server.request('GET', `${root}/tides`);
  assert.equal(refused.status, 503);
  assert.equal(refused.text, 'service unavailable\n');
  assert.equal(refused.headers['content-type'], 'text/plain; charset=utf-8');
  extension.answer = plainAnswer;
  // It is looked at again by itself, soon after a failure.
  server.clock.advance(1_000);
  assert.equal(await said('Passed'), 'all checks passed');
  await settle();
  await server.expect(200, 'GET', `${root}/tides`);
});

test('a server gets who asks in headers, and nothing by which it could be somebody else', async () => {
  const extension = recordingExtension();
  await using server = await startWithExtension(extension);
  const check = extension.asked[0]?.request;
  assert.equal(check?.headers['x-remote-user'], 'system:kube-aggregator');
  assert.deepEqual(check?.headers['x-remote-group'], ['system:masters']);
  extension.asked.length = 0;
  const user = {
    username: 'zoë',
    uid: '7',
    groups: ['system:masters', 'crew'],
    extra: { 'example.org/deck': ['main'] },
  };
  await server.expect(200, 'GET', `${root}/namespaces/a/tides?limit=2`, {
    handler: server.api.handlerFor(user),
    headers: {
      authorization: 'Bearer secret',
      'x-remote-user': 'mallory',
      'x-remote-group': 'more',
      'x-remote-extra-scopes': 'all',
      'impersonate-user': 'bob',
      'impersonate-group': 'system:masters',
      'x-kept': 'yes',
    },
  });
  const [asked] = extension.asked;
  assert.deepEqual(asked?.endpoint, {
    scheme: 'https',
    host: '10.244.0.9',
    port: 4443,
    serverName: 'tides.default.svc',
    certificateAuthority: 'an authority',
    isInsecure: false,
  });
  assert.equal(asked.request.path, `${root}/namespaces/a/tides`);
  assert.equal(asked.request.query, 'limit=2');
  const told = Object.entries(asked.request.headers).filter(([name]) =>
    /^(x-remote|impersonate|authorization|x-kept)/.test(name),
  );
  assert.deepEqual(Object.fromEntries(told), {
    'x-kept': 'yes',
    'x-remote-user': 'bob',
    'x-remote-group': ['system:masters', 'system:authenticated'],
  });
  await server.expect(200, 'GET', `${root}/tides`, { handler: server.api.handlerFor(user) });
  const { headers } = extension.asked[1]?.request ?? {};
  assert.equal(headers?.['x-remote-user'], 'zoë');
  assert.equal(headers?.['x-remote-uid'], '7');
  assert.deepEqual(headers?.['x-remote-extra-example.org%2Fdeck'], ['main']);
});

test('the API server asks its own authorizer before another server hears of a request', async () => {
  const extension = recordingExtension();
  await using server = await startWithExtension(extension);
  extension.asked.length = 0;
  const handler = server.api.handlerFor({ username: 'bob', groups: ['system:authenticated'] });
  const refused = await server.expect(403, 'GET', `${root}/tides`, { handler });
  assert.match(refused.text, /cannot list resource \\"tides\\" in API group \\"tides.example\\"/);
  assert.deepEqual(extension.asked, []);
  // What there is everybody may know.
  await server.expect(200, 'GET', root, { handler });
});

test('what an answer may not do: lead callers elsewhere, or let pages of others read the API', async () => {
  const extension = recordingExtension();
  await using server = await startWithExtension(extension);
  extension.answer = async () => ({
    status: 302,
    headers: { location: 'https://elsewhere.example/' },
    body: Buffer.from('go there'),
  });
  const redirect = await server.expect(502, 'GET', `${root}/tides`);
  assert.equal(
    redirect.text,
    'the backend attempted to redirect this request, which is not permitted',
  );
  assert.equal(redirect.headers['location'], undefined);
  extension.answer = async () => jsonAnswer({}, { 'access-control-allow-origin': '*' });
  const answer = await server.expect(200, 'GET', `${root}/tides`);
  assert.equal(answer.headers['access-control-allow-origin'], undefined);
});

test('a server that cannot be reached, or says nothing, is told of as by kube-aggregator', async () => {
  const extension = recordingExtension();
  await using server = await startWithExtension(extension);
  await untilTold(server, 'Current');
  extension.answer = () => Promise.reject(new Error('connection refused'));
  const refused = await server.expect(503, 'GET', `${root}/tides`);
  assert.equal(refused.text, 'error trying to reach service: connection refused\n');
  let sent = Promise.withResolvers<void>();
  extension.answer = ({ signal }) =>
    new Promise((_, reject) => {
      sent.resolve();
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    });
  const discovery = server.request('GET', root);
  await sent.promise;
  server.clock.advance(5_000);
  assert.equal(
    (await discovery).text,
    'error trying to reach service: context deadline exceeded\n',
  );
  sent = Promise.withResolvers<void>();
  const list = server.request('GET', `${root}/tides`);
  await sent.promise;
  server.clock.advance(60_000);
  assert.equal((await list).status, 504);
});

test('of many addresses that cannot be reached, five are tried for one request', async () => {
  const extension = recordingExtension();
  await using server = await startTestServer({ dial: extension.dial });
  await createTideService(server);
  const addresses = Array.from({ length: 7 }, (_, at) => `10.244.0.${at + 1}`);
  await createTideSlice(
    server,
    addresses.map((address) => ({ addresses: [address] })),
  );
  await createApiService(server);
  await untilSaid(server, 'Passed');
  await settle();
  extension.asked.length = 0;
  const refused = Object.assign(new Error('connection refused'), { isUnsent: true });
  extension.answer = () => Promise.reject(refused);
  await server.expect(503, 'GET', `${root}/tides`);
  const asked = new Set(extension.asked.map(({ endpoint }) => endpoint.host));
  assert.equal(extension.asked.length, 5);
  assert.equal(asked.size, 5);
});

async function told(server: TestServer): Promise<AnyObject | undefined> {
  const { json } = await server.expect(200, 'GET', '/apis', { headers: { accept: aggregated } });
  return (json['items'] as readonly AnyObject[]).find(({ metadata }) => metadata?.name === group);
}

/** Until what servers say that they have is known. */
async function untilTold(server: TestServer, freshness: string): Promise<AnyObject | undefined> {
  for (;;) {
    const found = await told(server);
    if (found?.['versions'][0].freshness === freshness) return found;
    await settle();
  }
}

test('discovery has what a server says, of whichever kind its own discovery is', async () => {
  const extension = recordingExtension();
  await using server = await startWithExtension(extension);
  const plain = await untilTold(server, 'Current');
  assert.deepEqual(plain?.['versions'], [
    {
      version: 'v1beta1',
      resources: [
        {
          resource: 'tides',
          responseKind: { group: '', version: '', kind: 'Tide' },
          scope: 'Namespaced',
          singularResource: 'tide',
          verbs: ['get', 'list'],
          subresources: [
            {
              subresource: 'turn',
              responseKind: { group: '', version: '', kind: 'Turn' },
              verbs: ['create'],
            },
          ],
        },
      ],
      freshness: 'Current',
    },
  ]);
  const { json: groups } = await server.expect(200, 'GET', '/apis');
  assert.equal((groups['groups'] as readonly AnyObject[]).at(-1)?.['name'], group);
  await server.expect(200, 'GET', `/apis/${group}`);
  assert.equal((await server.expect(200, 'GET', root)).json['kind'], 'APIResourceList');

  const resource = {
    resource: 'eddies',
    responseKind: { group, version: 'v1beta1', kind: 'Eddy' },
    scope: 'Cluster',
    singularResource: 'eddy',
    verbs: ['get'],
  };
  extension.answer = async (request) => {
    if (request.path !== '/apis') return plainAnswer(request);
    const versions = [
      { version: 'v1beta1', freshness: 'Current', resources: [resource, 'junk', {}] },
    ];
    const document = {
      kind: 'APIGroupDiscoveryList',
      items: [null, { metadata: { name: group }, versions }],
    };
    return jsonAnswer(document, { 'content-type': `${aggregated}` });
  };
  server.clock.advance(30_000);
  for (;;) {
    const found = (await told(server))?.['versions'][0];
    if (found.resources[0].resource === 'eddies') {
      assert.deepEqual(found, { version: 'v1beta1', resources: [resource], freshness: 'Current' });
      break;
    }
    await settle();
  }
});

/** What the metrics tell of availability, of this server and one of the local APIs. */
async function measured(server: TestServer): Promise<readonly string[]> {
  const { text } = await server.expect(200, 'GET', '/metrics');
  const lines = text
    .split('\n')
    .filter((line) => /name="v1(\.apps|beta1\.tides\.example)"/.test(line));
  return lines.map((line) => line.replace('aggregator_unavailable_apiservice', ''));
}

test('what a server had said is stale once it is away, and gone with its APIService', async () => {
  const extension = recordingExtension();
  await using server = await startWithExtension(extension);
  await untilTold(server, 'Current');
  extension.answer = () => Promise.reject(new Error('it is away'));
  server.clock.advance(30_000);
  await untilSaid(server, 'FailedDiscoveryCheck');
  const stale = await untilTold(server, 'Stale');
  assert.deepEqual(await measured(server), [
    '{name="v1.apps"} 0',
    '{name="v1beta1.tides.example"} 1',
    '_total{name="v1beta1.tides.example",reason="FailedDiscoveryCheck"} 1',
  ]);
  assert.equal(stale?.['versions'][0].resources[0].resource, 'tides');
  const path = `/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.${group}`;
  await server.expect(200, 'DELETE', path);
  await settle();
  assert.equal(await told(server), undefined);
  await server.expect(404, 'GET', `${root}/tides`);
  assert.deepEqual(await measured(server), [
    '{name="v1.apps"} 0',
    '_total{name="v1beta1.tides.example",reason="FailedDiscoveryCheck"} 1',
  ]);
});

test('an upgrade leads to the server, and its refusal back', async () => {
  const extension = recordingExtension();
  await using server = await startWithExtension(extension);
  const refusal = { status: 418, headers: {}, body: Buffer.from('no') };
  extension.upgrade = async () => ({ kind: 'refused', response: refusal });
  const answer = await server.api.upgradeFor({ username: 'ann', groups: ['system:masters'] })({
    method: 'GET',
    path: `${root}/namespaces/a/tides/b/turn`,
    query: '',
    headers: { connection: 'Upgrade', upgrade: 'websocket', 'x-remote-user': 'mallory' },
    body: undefined,
    signal: new AbortController().signal,
  });
  assert.equal(answer.kind, 'refused');
  assert.equal(answer.kind === 'refused' && answer.response.status, 418);
  const { headers } = extension.asked.at(-1)?.request ?? {};
  assert.equal(headers?.['upgrade'], 'websocket');
  assert.equal(headers?.['x-remote-user'], 'ann');
});

test('a server may stand in for what this one would answer, and stops doing so', async () => {
  const extension = recordingExtension();
  await using server = await startTestServer({ dial: extension.dial });
  await createTideService(server);
  await createTideSlice(server);
  const path = '/apis/apiregistration.k8s.io/v1/apiservices/v1.batch';
  const service = { namespace: 'default', name: 'tides', port: 443 };
  extension.answer = async () => jsonAnswer({ kind: 'APIResourceList', resources: [] });
  await using watch = await server.watch(
    '/apis/apiregistration.k8s.io/v1/apiservices?watch=true&fieldSelector=metadata.name=v1.batch',
  );
  const untilReason = async (reason: string): Promise<void> => {
    for (;;) {
      const event = await watch.next();
      const [condition] = event?.object['status']?.conditions ?? [];
      if (condition?.reason === reason) return;
    }
  };
  await server.expect(200, 'PATCH', path, { body: { spec: { service } }, headers: merged });
  await untilReason('Passed');
  await server.expect(200, 'GET', '/apis/batch/v1/jobs');
  assert.equal(extension.asked.at(-1)?.request.path, '/apis/batch/v1/jobs');
  await server.expect(200, 'PATCH', path, { body: { spec: { service: null } }, headers: merged });
  await untilReason('Local');
  assert.equal((await server.expect(200, 'GET', '/apis/batch/v1/jobs')).json['kind'], 'JobList');
});
