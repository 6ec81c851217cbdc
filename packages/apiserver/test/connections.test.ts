import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admin, startTestServer } from '@fairway/apiserver/testing';
import {
  type HttpRequest,
  type UpgradeAnswer,
  type UserInfo,
  apiError,
  forbidden,
} from '@fairway/protocol';
import { settle } from '@fairway/host/testing';
import { acceptUpgrade } from '@fairway/protocol/streams';
import type { AdmissionPlugin, AdmissionRequest } from '../src/admission/admission-plugin.ts';
import type { Upstream } from '@fairway/serving';
import type { Dial, KubeletEndpoint } from '../src/calls/dial.ts';

const pods = '/api/v1/namespaces/default/pods';
type TestServer = Awaited<ReturnType<typeof startTestServer>>;

/** A way to kubelets that notes who is asked for what. */
function recordingDial(answers: Partial<Upstream> = {}): {
  readonly dial: Dial;
  readonly asked: { readonly endpoint: KubeletEndpoint; readonly request: HttpRequest }[];
} {
  const asked: { readonly endpoint: KubeletEndpoint; readonly request: HttpRequest }[] = [];
  const {
    send: answer = async () => ({ status: 200, headers: {}, body: Buffer.from('a line\n') }),
    upgrade = async () =>
      acceptUpgrade({ upgrade: 'SPDY/3.1', connection: 'Upgrade' }, async (stream) => {
        for await (const bytes of stream.incoming) await stream.write(bytes);
      }),
  } = answers;
  return {
    asked,
    dial: {
      kubelet: (endpoint) => ({
        send: (request) => (asked.push({ endpoint, request }), answer(request)),
        upgrade: (request) => (asked.push({ endpoint, request }), upgrade(request)),
      }),
    },
  };
}

async function startNode(server: TestServer): Promise<void> {
  const node = { metadata: { name: 'node-1', labels: { 'kubernetes.io/hostname': 'host-1' } } };
  await server.expect(201, 'POST', '/api/v1/nodes', { body: node });
  const status = {
    addresses: [
      { type: 'InternalIP', address: '10.1.2.3' },
      { type: 'Hostname', address: 'node-1.example' },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: 10_259 } },
    nodeInfo: { containerRuntimeVersion: 'made://1' },
  };
  await server.expect(200, 'PUT', '/api/v1/nodes/node-1/status', { body: { ...node, status } });
}

async function createPod(
  server: TestServer,
  name: string,
  spec: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const containers = [{ name: 'main', image: 'x' }];
  const account = '/api/v1/namespaces/default/serviceaccounts';
  await server.request('POST', account, { body: { metadata: { name: 'default' } } });
  const body = { metadata: { name }, spec: { containers, ...spec } };
  await server.expect(201, 'POST', pods, { body });
}

interface Asked {
  readonly method?: string;
  readonly user?: UserInfo;
  readonly headers?: Readonly<Record<string, string>>;
}

function upgrade(server: TestServer, path: string, asked: Asked = {}): Promise<UpgradeAnswer> {
  const { method = 'POST', user = admin, headers = {} } = asked;
  const [pathOnly = '', query = ''] = path.split('?');
  return server.api.upgradeFor(user)({
    method,
    path: pathOnly,
    query,
    headers: { upgrade: 'SPDY/3.1', connection: 'Upgrade', host: 'api.example', ...headers },
    body: undefined,
    peer: { address: '192.0.2.9' },
    signal: new AbortController().signal,
  });
}

async function refusal(promised: Promise<UpgradeAnswer>): Promise<readonly [number, string]> {
  const answer = await promised;
  assert.ok(answer.kind === 'refused');
  const { status, body } = answer.response;
  assert.ok(body instanceof Uint8Array);
  return [status, (JSON.parse(Buffer.from(body).toString()) as { message: string }).message];
}

test('exec, attach and portforward lead to the kubelet of the node', async () => {
  const { dial, asked } = recordingDial();
  await using server = await startTestServer({ dial });
  await startNode(server);
  await createPod(server, 'web', { nodeName: 'node-1' });
  const query = 'command=ls&command=-l%20a&stdin=true&stdout=1&stderr=false&tty';
  for (const path of [
    `exec?${query}`,
    `attach?stdout=true&command=no`,
    'portforward?ports=80&ports=81',
  ]) {
    const answer = await upgrade(server, `${pods}/web/${path}`);
    assert.ok(answer.kind === 'accepted');
    assert.equal(answer.headers['upgrade'], 'SPDY/3.1');
    assert.equal(answer.headers['connection'], undefined);
    await answer.stream.write(Buffer.from('echo'));
    await answer.stream.end();
    const echoed = await Array.fromAsync(answer.stream.incoming);
    assert.equal(Buffer.concat(echoed).toString(), 'echo');
  }
  assert.deepEqual(
    asked.map(({ request }) => `${request.method} ${request.path}?${request.query}`),
    [
      'POST /exec/default/web/main?command=ls&command=-l+a&input=1&output=1&tty=1',
      'POST /attach/default/web/main?output=1',
      'POST /portForward/default/web?port=80%2C81',
    ],
  );
  const { endpoint, request } = asked[0] ?? assert.fail();
  const host = 'node-1.example';
  const address = { scheme: 'https', host, port: 10_259 };
  const known = { node: 'node-1', containerRuntime: 'made://1', ...address };
  assert.deepEqual(endpoint, known);
  const { 'audit-id': auditId, ...headers } = request.headers;
  assert.equal(typeof auditId, 'string');
  assert.deepEqual(headers, { upgrade: 'SPDY/3.1', 'x-forwarded-for': '192.0.2.9' });
});

test('a kubelet hears what it needs of a caller, and never who it says that it is', async () => {
  const { dial, asked } = recordingDial();
  await using server = await startTestServer({ dial });
  await startNode(server);
  await createPod(server, 'web', { nodeName: 'node-1' });
  const needed = {
    'audit-id': 'mine',
    'sec-websocket-extensions': 'x',
    'sec-websocket-key': 'c2VjcmV0',
    'sec-websocket-protocol': 'v5.channel.k8s.io',
    'sec-websocket-version': '13',
    traceparent: '00-a-b-01',
    tracestate: 'a=b',
    upgrade: 'websocket',
    'user-agent': 'kubectl',
    'x-stream-protocol-version': 'v4.channel.k8s.io',
  };
  const kept = {
    authorization: 'Basic YTpi',
    cookie: 'session=1',
    'impersonate-anything': 'ann',
    'x-remote-user': 'ann',
    'x-remote-group': 'system:masters',
    'x-remote-extra-scopes': 'all',
    'proxy-authorization': 'Basic YTpi',
    'x-forwarded-host': 'api.example',
    'accept-encoding': 'gzip',
    'content-length': '5',
    'x-anything': 'else',
  };
  const answer = await upgrade(server, `${pods}/web/exec`, { headers: { ...needed, ...kept } });
  assert.equal(answer.kind, 'accepted');
  assert.deepEqual(asked[0]?.request.headers, { ...needed, 'x-forwarded-for': '192.0.2.9' });
});

test('a kubelet that never answers holds nobody for longer than a minute', async () => {
  const asked: HttpRequest[] = [];
  const silent = <T>(request: HttpRequest): Promise<T> => {
    asked.push(request);
    return new Promise(() => {});
  };
  const { dial } = recordingDial({ send: silent, upgrade: silent });
  await using server = await startTestServer({ dial });
  await startNode(server);
  await createPod(server, 'web', { nodeName: 'node-1' });
  const ways = ['exec', 'attach', 'portforward'];
  const refused = ways.map((way) => refusal(upgrade(server, `${pods}/web/${way}`)));
  const log = server.request('GET', `${pods}/web/log`);
  let isFollowedAnswered = false;
  void server
    .request('GET', `${pods}/web/log?follow=true`)
    .finally(() => (isFollowedAnswered = true));
  await server.clock.advance(60_000);
  for (const each of refused) {
    const message = 'Timeout: request did not complete within the allotted timeout';
    assert.deepEqual(await each, [504, message]);
  }
  assert.equal((await log).status, 504);
  // Of a log that is followed the first line may come at any time.
  assert.equal(isFollowedAnswered, false);
  assert.equal(asked.length, 5);
  for (const { query, signal } of asked) assert.equal(signal.aborted, query !== 'follow=true');
});

test('a pod that cannot be connected to is refused in the words of Kubernetes', async () => {
  const { dial, asked } = recordingDial();
  await using server = await startTestServer({ dial });
  await startNode(server);
  const two = [
    { name: 'a', image: 'x' },
    { name: 'b', image: 'x' },
  ];
  const initContainers = [{ name: 'first', image: 'x' }];
  await createPod(server, 'pending');
  await createPod(server, 'lost', { nodeName: 'node-2' });
  await createPod(server, 'two', { containers: two, nodeName: 'node-1' });
  await createPod(server, 'three', { containers: two, initContainers, nodeName: 'node-1' });
  for (const [path, code, message] of [
    ['gone/exec', 404, 'pods "gone" not found'],
    ['pending/exec', 400, 'pod pending does not have a host assigned'],
    ['pending/portforward', 400, 'pod pending does not have a host assigned'],
    ['lost/attach', 404, 'nodes "node-2" not found'],
    ['two/exec', 400, 'a container name must be specified for pod two, choose one of: [a b]'],
    [
      'three/attach',
      400,
      'a container name must be specified for pod three, choose one of: [a b] or one of the init containers: [first]',
    ],
    ['two/exec?container=c', 400, 'container c is not valid for pod two'],
  ] as const) {
    assert.deepEqual(await refusal(upgrade(server, `${pods}/${path}`)), [code, message], path);
    const plain = await server.expect(code, 'POST', `${pods}/${path}`);
    assert.equal(plain.json.message, message);
  }
  assert.deepEqual(asked, []);
  const chosen = await upgrade(server, `${pods}/three/exec?container=first`);
  assert.equal(chosen.kind, 'accepted');
  const plain = await server.expect(400, 'GET', `${pods}/three/exec?container=first`);
  assert.equal(plain.json.message, 'Upgrade request required');
  await server.expect(405, 'PUT', `${pods}/three/exec?container=first`);
});

test('a node that tells no address is not called, and the port of kubelets is the usual one', async () => {
  const { dial, asked } = recordingDial();
  await using server = await startTestServer({ dial });
  const labels = { 'kubernetes.io/hostname': 'by-label' };
  await server.expect(201, 'POST', '/api/v1/nodes', { body: { metadata: { name: 'bare' } } });
  await server.expect(201, 'POST', '/api/v1/nodes', {
    body: { metadata: { name: 'known', labels } },
  });
  await createPod(server, 'a', { nodeName: 'bare' });
  await createPod(server, 'b', { nodeName: 'known' });
  assert.deepEqual(await refusal(upgrade(server, `${pods}/a/exec`)), [
    500,
    'no preferred addresses found; known addresses: []',
  ]);
  await upgrade(server, `${pods}/b/exec`);
  assert.deepEqual([asked[0]?.endpoint.host, asked[0]?.endpoint.port], ['by-label', 10_250]);
});

test('what a kubelet refuses reaches the caller, and that it is not there', async () => {
  const no = {
    status: 403,
    headers: { 'x-why': 'no', connection: 'close' },
    body: Buffer.from('{}'),
  };
  const answers: (() => Promise<UpgradeAnswer>)[] = [
    async () => ({ kind: 'refused', response: no }),
    async () => assert.fail('connect ECONNREFUSED 10.1.2.3:10259'),
  ];
  const { dial } = recordingDial({ upgrade: () => answers.shift()?.() ?? assert.fail() });
  await using server = await startTestServer({ dial });
  await startNode(server);
  await createPod(server, 'web', { nodeName: 'node-1' });
  const refused = await upgrade(server, `${pods}/web/exec`);
  assert.ok(refused.kind === 'refused');
  const { 'audit-id': _, ...headers } = refused.response.headers;
  assert.deepEqual([refused.response.status, headers], [403, { 'x-why': 'no' }]);
  assert.deepEqual(await refusal(upgrade(server, `${pods}/web/exec`)), [
    500,
    'error dialing backend: connect ECONNREFUSED 10.1.2.3:10259',
  ]);
});

test('admission is asked for each connection, and may refuse it', async () => {
  const seen: AdmissionRequest[] = [];
  const plugin: AdmissionPlugin = {
    name: 'Recorder',
    operations: ['CONNECT'],
    async admit({ name }) {
      if (name === 'early') throw forbidden({ group: '', plural: 'pods', name }, 'too early');
    },
    async validate(request) {
      seen.push(request);
      request.warn('you are seen');
      if (request.subresource !== 'attach') return;
      throw forbidden({ group: '', plural: 'pods', name: request.name }, 'nobody attaches');
    },
  };
  const { dial, asked } = recordingDial();
  await using server = await startTestServer({ dial, admissionPlugins: [plugin] });
  await startNode(server);
  await createPod(server, 'web', { nodeName: 'node-1' });
  await upgrade(server, `${pods}/web/exec`);
  const early = await refusal(upgrade(server, `${pods}/early/exec`));
  assert.deepEqual(early, [403, 'pods "early" is forbidden: too early']);
  const [code, message] = await refusal(upgrade(server, `${pods}/web/attach`));
  assert.deepEqual([code, message], [403, 'pods "web" is forbidden: nobody attaches']);
  await server.expect(200, 'GET', `${pods}/web/log`);
  assert.deepEqual(
    seen.map((each) => [each.operation, each.subresource, each.name, each.user.username]),
    [
      ['CONNECT', 'exec', 'web', 'admin'],
      ['CONNECT', 'attach', 'web', 'admin'],
    ],
  );
  assert.equal(asked.length, 2);
});

test('who may only get pods/exec runs nothing, not even over a WebSocket', async () => {
  const { dial } = recordingDial();
  await using server = await startTestServer({ dial });
  await startNode(server);
  await createPod(server, 'web', { nodeName: 'node-1' });
  const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/default';
  for (const [user, verbs] of [
    ['reader', ['get']],
    ['writer', ['create']],
    ['both', ['get', 'create']],
  ] as const) {
    const rules = [{ apiGroups: [''], resources: ['pods/exec'], verbs }];
    await server.expect(201, 'POST', `${rbac}/roles`, {
      body: { metadata: { name: user }, rules },
    });
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: user };
    const subjects = [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: user }];
    const body = { metadata: { name: user }, roleRef, subjects };
    await server.expect(201, 'POST', `${rbac}/rolebindings`, { body });
  }
  await settle(); // Until the authorizer has heard of the roles.
  const ask = async (username: string, method: string): Promise<string> => {
    const user = { username, groups: ['system:authenticated'] };
    const answer = await upgrade(server, `${pods}/web/exec`, { method, user });
    if (answer.kind === 'accepted') return 'accepted';
    const { body } = answer.response;
    return JSON.parse(Buffer.from(body as Uint8Array).toString()).message;
  };
  const refused = (user: string, verb: string): string =>
    `pods "web" is forbidden: User "${user}" cannot ${verb} resource "pods/exec" in API group "" in the namespace "default"`;
  assert.equal(await ask('reader', 'GET'), refused('reader', 'create'));
  assert.equal(await ask('reader', 'POST'), refused('reader', 'create'));
  assert.equal(await ask('writer', 'GET'), refused('writer', 'get'));
  assert.equal(await ask('writer', 'POST'), 'accepted');
  assert.equal(await ask('both', 'GET'), 'accepted');
});

test('an upgrade that leads to no stream is answered as a request', async () => {
  const { dial } = recordingDial();
  await using server = await startTestServer({ dial });
  const answer = await upgrade(server, '/api/v1/namespaces/default', { method: 'GET' });
  assert.ok(answer.kind === 'refused');
  assert.equal(answer.response.status, 200);
  const [code] = await refusal(upgrade(server, '/api/v1/namespaces/a%2Fb', { method: 'GET' }));
  assert.equal(code, 400);
});

test('one user holds a bounded number of streams, until they are closed', async () => {
  const { dial } = recordingDial({
    upgrade: async () => acceptUpgrade({ upgrade: 'SPDY/3.1' }, () => new Promise(() => {})),
  });
  await using server = await startTestServer({ dial });
  await startNode(server);
  await createPod(server, 'web', { nodeName: 'node-1' });
  const ask = server.api.upgradeFor(admin);
  const request = {
    method: 'POST',
    path: `${pods}/web/portforward`,
    query: '',
    headers: { upgrade: 'SPDY/3.1' },
    body: undefined,
    signal: new AbortController().signal,
  };
  const open = await Promise.all(Array.from({ length: 1_000 }, () => ask(request)));
  const [code, message] = await refusal(ask(request));
  assert.deepEqual([code, message], [429, 'Too many streams of one user, please try again later.']);
  const { text } = await server.expect(200, 'GET', '/metrics');
  const terminated = /^apiserver_request_terminations_total\{verb="CONNECT",.*code="429"\} 1$/m;
  assert.match(text, terminated);
  for (const answer of open) {
    assert.ok(answer.kind === 'accepted');
    answer.stream.destroy();
    await answer.stream.closed;
  }
  assert.equal((await ask(request)).kind, 'accepted');
});

test('pods/log tells what the kubelet tells, with the options that it knows', async () => {
  const { dial, asked } = recordingDial();
  await using server = await startTestServer({ dial });
  await startNode(server);
  await createPod(server, 'web', { nodeName: 'node-1' });
  await createPod(server, 'pending');
  const query =
    'timestamps=true&follow=true&previous=true&tailLines=5&limitBytes=9&sinceTime=2026-01-01T00:00:00.5Z&pretty=1';
  const log = await server.expect(200, 'GET', `${pods}/web/log?${query}`);
  assert.equal(log.text, 'a line\n');
  assert.equal(log.headers['content-type'], 'text/plain');
  const { request } = asked[0] ?? assert.fail();
  assert.equal(request.path, '/containerLogs/default/web/main');
  assert.equal(
    request.query,
    'follow=true&limitBytes=9&previous=true&sinceTime=2026-01-01T00%3A00%3A00Z&tailLines=5&timestamps=true',
  );
  assert.deepEqual(request.headers, {});
  assert.equal((await server.expect(204, 'GET', `${pods}/pending/log`)).text, '');
  for (const [options, code, message] of [
    ['container=x', 400, 'container x is not valid for pod web'],
    [
      'tailLines=-1',
      422,
      'PodLogOptions "web" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0',
    ],
    [
      'limitBytes=0',
      422,
      'PodLogOptions "web" is invalid: limitBytes: Invalid value: 0: must be greater than 0',
    ],
    [
      'sinceSeconds=0',
      422,
      'PodLogOptions "web" is invalid: sinceSeconds: Invalid value: 0: must be greater than 0',
    ],
    ['tailLines=x', 400, 'strconv.ParseInt: parsing "x": invalid syntax'],
  ] as const) {
    const refused = await server.expect(code, 'GET', `${pods}/web/log?${options}`);
    assert.equal(refused.json.message, message);
  }
  const both = 'sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z';
  const refused = await server.expect(422, 'GET', `${pods}/web/log?${both}`);
  assert.match(
    refused.json.message,
    /at most one of `sinceTime` or `sinceSeconds` may be specified/,
  );
  await server.expect(400, 'GET', `${pods}/web/log?sinceTime=yesterday`);
});

for (const [status, code, message] of [
  [400, 400, 'previous terminated container "main" not found'],
  [404, 404, 'the server could not find the requested resource ( pods/log web)'],
  [500, 500, 'Internal error occurred: previous terminated container "main" not found'],
  [
    502,
    502,
    'the server responded with the status code 502 but did not return more information ( pods/log web)',
  ],
] as const) {
  test(`pods/log tells what a kubelet refuses with ${status}`, async () => {
    const text = 'previous terminated container "main" not found';
    const body = Buffer.from(text);
    const { dial } = recordingDial({ send: async () => ({ status, headers: {}, body }) });
    await using server = await startTestServer({ dial });
    await startNode(server);
    await createPod(server, 'web', { nodeName: 'node-1' });
    const refused = await server.expect(code, 'GET', `${pods}/web/log`);
    assert.equal(refused.json.message, message);
  });
}

test('pods/log reads a bounded part of a refusal, and says who is not there', async () => {
  let readBytes = 0;
  const answers = [
    async () => ({ status: 400, headers: {}, body: flood() }),
    async () => assert.fail('connect ECONNREFUSED'),
  ];
  async function* flood(): AsyncGenerator<Uint8Array, undefined> {
    for (;;) {
      readBytes += 10_000;
      yield Buffer.alloc(10_000, 'x');
    }
  }
  const { dial } = recordingDial({ send: () => answers.shift()?.() ?? assert.fail() });
  await using server = await startTestServer({ dial });
  await startNode(server);
  await createPod(server, 'web', { nodeName: 'node-1' });
  const refused = await server.expect(400, 'GET', `${pods}/web/log`);
  assert.equal(refused.json.message, 'x'.repeat(50_000));
  assert.equal(readBytes, 50_000);
  const away = await server.expect(500, 'GET', `${pods}/web/log`);
  const url = 'https://node-1.example:10259/containerLogs/default/web/main';
  assert.equal(away.json.message, `Get "${url}": connect ECONNREFUSED`);
  assert.equal(away.json.reason, undefined);
});

test('without a way to the nodes their subresources answer 501, whatever there is', async () => {
  await using server = await startTestServer();
  for (const path of ['gone/exec', 'gone/attach', 'gone/portforward']) {
    const [code, message] = await refusal(upgrade(server, `${pods}/${path}`));
    assert.equal(code, 501);
    assert.match(
      message,
      /^pods\/\w+ is not available: this server has no way to the nodes of its cluster$/,
    );
  }
  await server.expect(501, 'GET', `${pods}/gone/log`);
  await server.expect(501, 'GET', '/api/v1/nodes/a/proxy/');
});

test('nodes/proxy leads to the kubelet of the node, with what it needs of the request', async () => {
  const { dial, asked } = recordingDial({
    send: async ({ body }) => ({
      status: 418,
      headers: { 'x-kubelet': 'yes', connection: 'close' },
      body: Buffer.concat([Buffer.from('got '), body instanceof Uint8Array ? body : Buffer.of()]),
    }),
  });
  await using server = await startTestServer({ dial });
  await startNode(server);
  const node = '/api/v1/nodes/node-1/proxy';
  const headers = { accept: 'text/plain', authorization: 'Basic YTpi', 'x-remote-user': 'ann' };
  const answer = await server.request('GET', `${node}/stats/summary?only=cpu%20`, { headers });
  assert.equal(answer.status, 418);
  assert.equal(answer.headers['x-kubelet'], 'yes');
  assert.equal(answer.headers['connection'], undefined);
  const body = Buffer.from('body');
  const posted = await server.request('POST', '/api/v1/nodes/node-1:10259/proxy/run/a%2Fb', {
    headers: { 'content-type': 'text/plain' },
    body,
  });
  assert.equal(posted.text, 'got body');
  await server.request('GET', '/api/v1/nodes/https:node-1:/proxy/pods/');
  assert.deepEqual(
    asked.map(({ request }) => `${request.method} ${request.path}?${request.query}`),
    ['GET /stats/summary?only=cpu%20', 'POST /run/a%2Fb?', 'GET /pods/?'],
  );
  const { 'audit-id': _, ...told } = asked[0]?.request.headers ?? {};
  assert.deepEqual(told, { accept: 'text/plain', 'user-agent': 'test' });
  assert.equal(asked[1]?.request.headers['content-type'], 'text/plain');

  const redirect = await server.request('GET', `${node}?a=b`);
  assert.deepEqual([redirect.status, redirect.headers['location']], [301, `${node}/?a=b`]);
  const streamed = await upgrade(server, `${node}/exec/default/web/main?output=1`);
  assert.equal(streamed.kind, 'accepted');
  assert.equal(asked.at(-1)?.request.path, '/exec/default/web/main');
});

test('nodes/proxy refuses what leads nowhere', async () => {
  const gone = () => Promise.reject(new Error('connect ECONNREFUSED 10.1.2.3:10259'));
  const { dial } = recordingDial({ send: gone, upgrade: gone });
  await using server = await startTestServer({ dial });
  await startNode(server);
  for (const [path, code, message] of [
    ['nodes/node-2/proxy/pods', 404, 'nodes "node-2" not found'],
    ['nodes/x:y:z/proxy/pods', 400, 'invalid node request "x:y:z"'],
    [
      'nodes/node-1/proxy/',
      503,
      'error trying to reach service: connect ECONNREFUSED 10.1.2.3:10259',
    ],
  ] as const) {
    const { json } = await server.expect(code, 'GET', `/api/v1/${path}`);
    assert.equal(json.message, message);
  }
  const silent = () => new Promise<never>(() => {});
  const waiting = recordingDial({ send: silent });
  await using other = await startTestServer({ dial: waiting.dial });
  await startNode(other);
  let isAnswered = false;
  const reader = new AbortController();
  const { signal } = reader;
  void other
    .request('GET', '/api/v1/nodes/node-1/proxy/containerLogs/a/b/c?follow=true', { signal })
    .finally(() => (isAnswered = true));
  await other.clock.advance(120_000);
  assert.equal(isAnswered, false, 'it lasts as long as the kubelet likes');
});

test('a dialer refuses in its own words', async () => {
  const { dial } = recordingDial({
    upgrade: () => Promise.reject(apiError('Conflict', 'not now')),
  });
  await using server = await startTestServer({ dial });
  await startNode(server);
  await createPod(server, 'web', { nodeName: 'node-1' });
  assert.deepEqual(await refusal(upgrade(server, `${pods}/web/exec`)), [409, 'not now']);
});
