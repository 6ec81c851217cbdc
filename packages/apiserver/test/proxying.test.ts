import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { admin } from '@fairway/apiserver/testing';
import { settle } from '@fairway/host/testing';
import type { HttpRequest } from '@fairway/protocol';
import { acceptUpgrade } from '@fairway/protocol/streams';
import {
  createPod,
  createService,
  createSlice,
  endpointAt,
  inDefault,
  recordingBackends,
  startProxiedCluster,
  whereTo,
} from './proxied-cluster.ts';

interface Row {
  readonly by: string;
  readonly path: string;
  readonly leads?: string;
  readonly status?: number;
  readonly message?: string;
  readonly location?: string;
}

const { rows } = JSON.parse(
  readFileSync(new URL('fixtures/proxy-urls.json', import.meta.url), 'utf8'),
) as { readonly rows: readonly Row[] };

test('every form of a name leads where a kube-apiserver leads it', async (t) => {
  const { dial, asked } = recordingBackends();
  await using server = await startProxiedCluster(dial);
  for (const { path, leads, status = 200, message, location } of rows) {
    await t.test(path, async () => {
      asked.length = 0;
      const answer = await server.expect(status, 'GET', `${inDefault}/${path}`);
      assert.deepEqual(asked.map(whereTo), leads === undefined ? [] : [leads]);
      if (message !== undefined) assert.equal(answer.json.message, message);
      const expected = location === undefined ? undefined : `${inDefault}/${location}`;
      assert.equal(answer.headers['location'], expected);
    });
  }
});

test('every method goes on, with the right that its verb needs', async () => {
  const { dial, asked } = recordingBackends();
  await using server = await startProxiedCluster(dial);
  const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/default';
  const methods = {
    get: ['GET', 'HEAD'],
    create: ['POST'],
    update: ['PUT'],
    patch: ['PATCH'],
    delete: ['DELETE'],
    '*': ['OPTIONS'],
  };
  for (const verb of Object.keys(methods)) {
    const name = verb === '*' ? 'all' : verb;
    const rules = [
      {
        apiGroups: [''],
        resources: ['services/proxy'],
        resourceNames: ['one:8080'],
        verbs: [verb],
      },
    ];
    const subjects = [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name }];
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name };
    await server.expect(201, 'POST', `${rbac}/roles`, { body: { metadata: { name }, rules } });
    await server.expect(201, 'POST', `${rbac}/rolebindings`, {
      body: { metadata: { name }, roleRef, subjects },
    });
  }
  await settle(); // Until the authorizer has heard of the roles.
  const path = `${inDefault}/services/one:8080/proxy/x`;
  for (const [verb, own] of Object.entries(methods)) {
    const username = verb === '*' ? 'all' : verb;
    const handler = server.api.handlerFor({ username, groups: ['system:authenticated'] });
    for (const method of Object.values(methods).flat()) {
      const { status } = await server.request(method, path, { handler });
      const isAllowed = verb === '*' || own.includes(method);
      assert.equal(status, isAllowed ? 200 : 403, `${verb} ${method}`);
    }
    // The name of a port is part of what a role names.
    await server.expect(403, 'GET', `${inDefault}/services/one/proxy/x`, { handler });
  }
  const seen = asked.map(({ request }) => request.method);
  assert.deepEqual([...new Set(seen)].sort(), Object.values(methods).flat().sort());
  await server.expect(405, 'TRACE', path);
  await server.expect(405, 'PROPFIND', path);
  // Only who looks at a folder is led to its slash.
  asked.length = 0;
  await server.expect(200, 'POST', `${inDefault}/services/one/proxy`);
  assert.deepEqual(asked.map(whereTo), ['http 10.244.0.5:8080 /']);
});

test('a backend hears all of a request but what was for the API server', async () => {
  const { dial, asked } = recordingBackends();
  await using server = await startProxiedCluster(dial);
  const path = `${inDefault}/services/one/proxy/a%2Fb/`;
  const kept = {
    accept: '*/*',
    'accept-encoding': 'br',
    cookie: 'session=1',
    host: 'api.example:6443',
    origin: 'https://page.example',
    range: 'bytes=0-1',
    'user-agent': 'test',
    'x-anything': 'else',
  };
  const ofOneHop = {
    connection: 'keep-alive, x-secret',
    'keep-alive': 'timeout=5',
    'proxy-authorization': 'Basic YTpi',
    te: 'trailers',
    'transfer-encoding': 'chunked',
    'x-secret': 'hop',
    upgrade: 'h2c',
    expect: '100-continue',
    'http2-settings': 'AAMAAABk',
  };
  const forServer = {
    authorization: 'Basic YTpi',
    'impersonate-anything': 'ann',
    'x-remote-user': 'ann',
    'x-remote-group': 'system:masters',
  };
  const headers = { ...kept, ...ofOneHop, ...forServer, 'x-forwarded-for': '192.0.2.1' };
  await server.api.handlerFor(admin)({
    method: 'GET',
    path,
    query: '',
    headers,
    body: undefined,
    peer: { address: '192.0.2.9' },
    signal: new AbortController().signal,
  });
  const { 'audit-id': _, ...sent } = asked[0]?.request.headers ?? {};
  assert.deepEqual(sent, {
    ...kept,
    'x-forwarded-for': '192.0.2.1, 192.0.2.9',
    'x-forwarded-host': 'api.example:6443',
    'x-forwarded-proto': 'https',
    'x-forwarded-uri': path,
  });
});

test('an answer comes back without what belongs to the connection or the origin of the API', async () => {
  const { dial } = recordingBackends({
    send: async () => ({
      status: 418,
      headers: {
        'access-control-allow-credentials': 'true',
        'access-control-allow-headers': '*',
        'access-control-allow-methods': '*',
        'access-control-allow-origin': '*',
        'access-control-expose-headers': 'x-a',
        connection: 'close, x-hop',
        'set-cookie': ['a=1', 'b=2'],
        'x-hop': '1',
      },
      body: Buffer.from('tea'),
    }),
  });
  await using server = await startProxiedCluster(dial);
  const answer = await server.expect(418, 'GET', `${inDefault}/services/one/proxy/`);
  const { 'audit-id': _, ...headers } = answer.headers;
  assert.deepEqual(headers, {
    'access-control-expose-headers': 'x-a',
    'set-cookie': ['a=1', 'b=2'],
  });
  assert.equal(answer.text, 'tea');
});

test('requests are spread over all endpoints that are ready', async () => {
  const { dial, asked } = recordingBackends();
  await using server = await startProxiedCluster(dial);
  await createService(server, 'many', [{ port: 80 }]);
  const address = (index: number): string => `10.244.1.${index}`;
  const conditions = [{}, { ready: true }, { ready: false }, { ready: false, serving: true }];
  for (let index = 0; index < 8; index += 1) {
    await createPod(server, `many-${index}`, { ip: address(index) });
  }
  const at = (index: number): object =>
    endpointAt(address(index), `many-${index}`, conditions[index % 4]);
  const ports = [{ port: 80 }];
  await createSlice(server, 'many', { endpoints: [0, 1, 2].map(at), ports });
  await createSlice(server, 'many', {
    name: 'many-2',
    endpoints: [3, 4, 5, 6, 7].map(at),
    ports,
  });
  // Of somebody else, without a pod, or of a pod that has another address.
  await createPod(server, 'moved', { ip: '10.244.1.99' });
  await createPod(server, 'elsewhere', { ip: '10.244.1.51' });
  await createSlice(server, 'many', {
    name: 'many-3',
    ports,
    endpoints: [
      { addresses: ['10.244.1.50'], conditions: {} },
      {
        addresses: ['10.244.1.51'],
        targetRef: { kind: 'Pod', namespace: 'kube-system', name: 'elsewhere' },
      },
      endpointAt('10.244.1.52', 'moved'),
      endpointAt('10.244.1.53', 'gone'),
    ],
  });
  for (let count = 0; count < 200; count += 1) {
    await server.expect(200, 'GET', `${inDefault}/services/many/proxy/`);
  }
  const counts = new Map<string, number>();
  for (const { endpoint } of asked) {
    counts.set(endpoint.host, (counts.get(endpoint.host) ?? 0) + 1);
  }
  assert.deepEqual([...counts.keys()].sort(), [0, 1, 4, 5].map(address));
  assert.ok([...counts.values()].every((count) => count > 8));

  const slices = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices';
  await server.expect(200, 'DELETE', `${slices}/many-1`);
  await server.expect(200, 'DELETE', `${slices}/many-2`);
  await settle();
  const { json } = await server.expect(503, 'GET', `${inDefault}/services/many/proxy/`);
  assert.equal(json.message, 'no endpoints available for service "many"');
});

test('nobody is led to loopback, link-local or multicast addresses', async () => {
  const { dial, asked } = recordingBackends();
  const kubelet: NonNullable<typeof dial.kubelet> = () => ({
    send: async () => ({ status: 200, headers: {}, body: Buffer.from('kubelet') }),
    upgrade: async () => assert.fail(),
  });
  await using server = await startProxiedCluster({ ...dial, kubelet });
  const ports = [{ port: 80 }];
  const addresses = [
    '127.0.0.1',
    '127.8.9.1',
    '169.254.169.254',
    '224.0.0.1',
    '239.1.1.1',
    '0.0.0.0',
    '255.255.255.255',
    '::1',
    '::',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    'fe80::1',
    'ff02::1',
  ];
  for (const [index, ip] of addresses.entries()) {
    const name = `bad-${index}`;
    await createPod(server, name, { ip });
    const pod = await server.expect(400, 'GET', `${inDefault}/pods/${name}:80/proxy/`);
    assert.equal(pod.json.message, 'address not allowed', ip);

    const node = { metadata: { name } };
    await server.expect(201, 'POST', '/api/v1/nodes', { body: node });
    const status = { addresses: [{ type: 'InternalIP', address: ip }] };
    await server.expect(200, 'PUT', `/api/v1/nodes/${name}/status`, { body: { ...node, status } });
    const refused = await server.expect(400, 'GET', `/api/v1/nodes/${name}:2379/proxy/`);
    assert.equal(refused.json.message, 'address not allowed', ip);
    // The kubelet knows who comes.
    for (const port of ['', ':10250']) {
      const own = await server.expect(200, 'GET', `/api/v1/nodes/${name}${port}/proxy/pods`);
      assert.equal(own.text, 'kubelet');
    }
  }
  // The rules of endpoints keep the worst out already.
  for (const [index, ip] of ['239.1.1.1', '255.255.255.255'].entries()) {
    const service = `bad-${index}`;
    await createService(server, service, ports);
    const pod = `bad-${addresses.indexOf(ip)}`;
    await createSlice(server, service, { endpoints: [endpointAt(ip, pod)], ports });
    await settle(); // Until the slice is known.
    const { json } = await server.expect(400, 'GET', `${inDefault}/services/${service}/proxy/`);
    assert.equal(json.message, 'address not allowed', ip);
  }
  assert.deepEqual(asked, []);
});

test('another port of a node than its kubelet is asked for at an address, never at a name', async () => {
  const { dial, asked } = recordingBackends();
  const kubelet = (): never => assert.fail();
  await using server = await startProxiedCluster({ ...dial, kubelet });
  const create = async (name: string, addresses: readonly object[]): Promise<void> => {
    const node = { metadata: { name } };
    await server.expect(201, 'POST', '/api/v1/nodes', { body: node });
    await server.expect(200, 'PUT', `/api/v1/nodes/${name}/status`, {
      body: { ...node, status: { addresses } },
    });
  };
  const hostname = { type: 'Hostname', address: 'localhost' };
  await create('named', [hostname, { type: 'InternalIP', address: '192.0.2.7' }]);
  await create('nameless', [hostname]);
  await server.expect(200, 'GET', '/api/v1/nodes/https:named:9100/proxy/metrics?a=b');
  assert.deepEqual(asked.map(whereTo), ['https 192.0.2.7:9100 /metrics?a=b']);
  assert.equal(asked[0]?.endpoint.pod, undefined);
  for (const [path, message] of [
    ['nameless:80', 'address not allowed'],
    ['named:http', 'invalid node request "named:http"'],
    ['named:0', 'invalid node request "named:0"'],
    ['a:b:c:d', 'invalid node request "a:b:c:d"'],
  ] as const) {
    const { json } = await server.expect(400, 'GET', `/api/v1/nodes/${path}/proxy/`);
    assert.equal(json.message, message);
  }
});

const unsent = (): Promise<never> =>
  Promise.reject(Object.assign(new Error('nothing listens there'), { isUnsent: true }));

test('what one endpoint got nothing of goes to another one, and nothing else does', async () => {
  const answers: (() => Promise<never>)[] = [];
  const hello = async () => ({ status: 200, headers: {}, body: Buffer.from('hello') });
  const { dial, asked } = recordingBackends({ send: () => answers.shift()?.() ?? hello() });
  await using server = await startProxiedCluster(dial);
  await createService(server, 'many', [{ port: 80 }]);
  const endpoints: object[] = [];
  for (let index = 0; index < 5; index += 1) {
    await createPod(server, `many-${index}`, { ip: `10.244.1.${index}` });
    endpoints.push(endpointAt(`10.244.1.${index}`, `many-${index}`));
  }
  await createSlice(server, 'many', { endpoints, ports: [{ port: 80 }] });
  const path = `${inDefault}/services/many/proxy/`;
  answers.push(unsent, unsent);
  await server.expect(200, 'POST', path);
  assert.equal(new Set(asked.map(({ endpoint }) => endpoint.host)).size, 3);

  asked.length = 0;
  answers.push(unsent, unsent, unsent);
  const away = await server.expect(503, 'GET', path);
  assert.equal(away.json.message, 'error trying to reach service: nothing listens there');
  assert.equal(asked.length, 3);

  for (const [method, body, answer] of [
    ['POST', Buffer.from('some'), unsent],
    ['GET', undefined, () => Promise.reject(new Error('the connection was cut'))],
  ] as const) {
    asked.length = 0;
    answers.push(answer);
    await server.expect(503, method, path, { body });
    assert.equal(asked.length, 1, method);
  }
});

test('a body passes however long it is, in both directions and in pieces', async () => {
  const { dial } = recordingBackends({
    send: async ({ body }) => ({ status: 200, headers: {}, body }),
  });
  await using server = await startProxiedCluster(dial);
  let pulled = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      pulled += 1;
      yield Buffer.alloc(1024 * 1024);
    }
  }
  const response = await server.api.handlerFor(admin)({
    method: 'POST',
    path: `${inDefault}/services/one/proxy/`,
    query: '',
    headers: { 'content-length': String(2 ** 40) },
    body: endless(),
    signal: new AbortController().signal,
  });
  assert.ok(response.body !== undefined && !(response.body instanceof Uint8Array));
  const pieces = response.body[Symbol.asyncIterator]();
  for (let read = 1; read <= 10; read += 1) {
    await pieces.next();
    assert.ok(pulled <= read + 1);
  }
  await pieces.return?.();
});

test('a stream goes on to the backend, and its refusal comes back', async () => {
  const refused = { status: 403, headers: { 'x-why': 'no' }, body: undefined };
  const answers = [
    async () => ({ kind: 'refused', response: refused }) as const,
    async () => Promise.reject(new Error('nothing listens there')),
  ];
  const { dial, asked } = recordingBackends({
    upgrade: () =>
      answers.shift()?.() ??
      Promise.resolve(
        acceptUpgrade({ upgrade: 'websocket', connection: 'Upgrade' }, async (stream) => {
          for await (const bytes of stream.incoming) await stream.write(bytes);
        }),
      ),
  });
  await using server = await startProxiedCluster(dial);
  const request: HttpRequest = {
    method: 'GET',
    path: `${inDefault}/pods/web-0/proxy/live`,
    query: 'a=b',
    headers: {
      upgrade: 'websocket',
      connection: 'Upgrade',
      host: 'api.example',
      'content-length': '5',
      'sec-websocket-key': 'key',
      'sec-websocket-protocol': 'base64url.bearer.authorization.k8s.io.c2VjcmV0, chat',
    },
    body: undefined,
    signal: new AbortController().signal,
  };
  const first = await server.api.upgradeFor(admin)(request);
  assert.ok(first.kind === 'refused');
  assert.deepEqual([first.response.status, first.response.headers['x-why']], [403, 'no']);
  const second = await server.api.upgradeFor(admin)(request);
  assert.ok(second.kind === 'refused' && second.response.status === 503);
  const third = await server.api.upgradeFor(admin)(request);
  assert.ok(third.kind === 'accepted');
  await third.stream.write(Buffer.from('echo'));
  await third.stream.end();
  assert.equal(Buffer.concat(await Array.fromAsync(third.stream.incoming)).toString(), 'echo');
  assert.equal(asked.map(whereTo)[2], 'http 10.244.0.5:9080 /live?a=b');
  const { 'audit-id': _, ...headers } = asked[2]?.request.headers ?? {};
  assert.deepEqual(headers, {
    host: 'api.example',
    'sec-websocket-key': 'key',
    'sec-websocket-protocol': 'chat',
    upgrade: 'websocket',
    'x-forwarded-host': 'api.example',
    'x-forwarded-proto': 'https',
    'x-forwarded-uri': `${inDefault}/pods/web-0/proxy/live`,
  });
});

test('without a way to backends there is a 501', async () => {
  await using server = await startProxiedCluster({});
  for (const path of ['services/one', 'pods/web-0']) {
    const { json } = await server.expect(501, 'GET', `${inDefault}/${path}/proxy/`);
    assert.match(
      json.message ?? '',
      /^\w+\/proxy is not available: this server has no way to what /,
    );
  }
});
