import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import http2, { type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import tls from 'node:tls';
import net from 'node:net';
import { type LogFields, silentLogger } from '@fairway/host';
import { type OpenCluster, openCluster } from './open-cluster.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';
const json = 'application/json';
const yaml = 'application/yaml';
const protobuf = 'application/vnd.kubernetes.protobuf';

/** A request that nobody should send, and the code that it gets. */
interface Hostile {
  readonly name: string;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: http2.OutgoingHttpHeaders;
  readonly type?: string;
  readonly body?: string | Uint8Array;
  readonly code: number;
}

const nested = (open: string, close: string, depth: number): string =>
  open.repeat(depth) + close.repeat(depth);

const malformedBodies: readonly Hostile[] = [
  ...['', '{', '{"metadata":', '[]', '1', '"x"', '{"a":1}}', '\u0000', '{"a":\ud800}'].map(
    (body) => ({ name: `JSON ${JSON.stringify(body)}`, type: json, body, code: 400 }),
  ),
  // Go reads it as an object without a field.
  { name: 'JSON null', type: json, body: 'null', code: 422 },
  { name: 'bytes that are no UTF-8', type: json, body: Uint8Array.of(0x7b, 0xff, 0xfe), code: 400 },
  { name: 'JSON lists in lists', type: json, body: nested('[', ']', 200_000), code: 400 },
  { name: 'JSON objects in objects', type: json, body: nested('{"a":', '}', 100_000), code: 400 },
  {
    name: 'JSON that is deep where anything goes',
    path: '/apis/apps/v1/namespaces/default/controllerrevisions',
    type: json,
    body: `{"metadata":{"name":"r"},"data":${nested('[', ']', 50_000)},"revision":1}`,
    code: 400,
  },
  ...[
    'a: b: c',
    '- x',
    '{',
    '\tx: y',
    'a: &a [*a',
    '--- a\n--- b',
    '%YAML 9\n---\n{}',
    '!!js x',
  ].map((body) => ({ name: `YAML ${JSON.stringify(body)}`, type: yaml, body, code: 400 })),
  { name: 'YAML lists in lists', type: yaml, body: nested('[', ']', 20_000), code: 400 },
  { name: 'YAML that refers to itself', type: yaml, body: 'metadata: &a\n  b: *a\n', code: 400 },
  {
    name: 'YAML that refers to itself where anything goes',
    path: '/apis/apps/v1/namespaces/default/controllerrevisions',
    type: yaml,
    body: 'metadata: {name: r}\ndata: &a\n  b: *a\nrevision: 1\n',
    code: 400,
  },
  { name: 'YAML that grows without end', type: yaml, body: laughs(), code: 400 },
  ...[
    Uint8Array.of(),
    Buffer.from('k8s'),
    Buffer.from('k8s\0'),
    Buffer.from('k8s\0\x0a\xff\xff\xff\xff\xff\xff\xff\xff\x7f', 'latin1'),
    Buffer.from('k8s\0\x0a\x04\x0a\x02v1', 'latin1'),
    Buffer.from('k8s\0\x0a\x0f\x0a\x02v1\x12\x09ConfigMap\x12\x05\x0a\xff\xff\xff\x7f', 'latin1'),
    Buffer.from('{"metadata":{}}'),
    Buffer.alloc(100_000, 0x0b),
  ].map((body, at) => ({ name: `protobuf ${at + 1}`, type: protobuf, body, code: 400 })),
];

const wrongShapes: readonly Hostile[] = [
  ...[
    '{"metadata":[]}',
    '{"metadata":"x"}',
    '{"metadata":{"name":{}}}',
    '{"metadata":{"name":1}}',
    '{"metadata":{"name":"a","labels":[]}}',
    '{"metadata":{"name":"a","labels":{"x":1}}}',
    '{"metadata":{"name":"a","ownerReferences":{}}}',
    '{"metadata":{"name":"a","finalizers":[{}]}}',
    '{"metadata":{"name":"a"},"data":[]}',
    '{"metadata":{"name":"a"},"data":{"x":{}}}',
    '{"metadata":{"name":"a"},"binaryData":{"x":5}}',
    '{"metadata":{"name":"a"},"immutable":"yes"}',
    '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"}}',
    '{"kind":1,"apiVersion":"v1"}',
    '{"kind":"ConfigMap","apiVersion":"apps/v1"}',
    '{"kind":"ConfigMap","apiVersion":{}}',
  ].map((body) => ({ name: body, type: json, body, code: 400 })),
  ...[
    '{"metadata":{"name":"A"}}',
    '{"metadata":{"name":".."}}',
    '{"metadata":{"name":"a/b"}}',
    '{"metadata":{"name":"a\\u0000"}}',
    '{"metadata":{"generateName":"A-"}}',
    `{"metadata":{"name":"${'a'.repeat(254)}"}}`,
    '{"metadata":{"name":"a","labels":{"__proto__":"x"}}}',
    '{"metadata":{"name":"a","labels":{"a b":"x"}}}',
    '{"metadata":{"name":"a","finalizers":[""]}}',
    '{"metadata":{"name":"a"},"data":{"a/b":"x"}}',
    '{"metadata":{"name":"a"},"data":{"..":"x"}}',
  ].map((body) => ({ name: body, type: json, body, code: 422 })),
  {
    name: 'binary data that is none',
    type: json,
    body: '{"metadata":{"name":"a"},"binaryData":{"x":"*"}}',
    code: 400,
  },
];

const get = (path: string, code: number, headers?: http2.OutgoingHttpHeaders): Hostile => ({
  name: `GET ${path.slice(0, 80)} ${JSON.stringify(headers ?? '')}`,
  method: 'GET',
  path,
  code,
  ...(headers === undefined ? {} : { headers }),
});

const oddPaths: readonly Hostile[] = [
  get(`${configMaps}/..`, 400),
  get(`${configMaps}/%2e%2e`, 400),
  get(`${configMaps}/../secrets`, 400),
  get(`${configMaps}/a%2Fb`, 400),
  get(`${configMaps}/a%2F..%2Fb`, 400),
  get(`${configMaps}/%00`, 404),
  get(`${configMaps}/%zz`, 400),
  get(`${configMaps}/%ff`, 400),
  get(`${configMaps}/a/nope`, 404),
  get(`${configMaps}/a/status`, 404),
  get(`${configMaps}/${'a'.repeat(5_000)}`, 404),
  get('/api/v1/namespaces/..%2f..%2fkube-system/configmaps', 400),
  get('/api/v1/namespaces/default/constructor', 404),
  get('/api/v1/namespaces/default/__proto__', 404),
  get('/api/v1/nope', 404),
  get(`${configMaps}?labelSelector=a%20b`, 400),
  get(`${configMaps}?labelSelector=${'('.repeat(10_000)}`, 400),
  get(`${configMaps}?labelSelector=a%20in%20(`, 400),
  get(`${configMaps}?fieldSelector=a`, 400),
  get(`${configMaps}?fieldSelector=constructor%3Dx`, 400),
  get(`${configMaps}?limit=x`, 400),
  get(`${configMaps}?limit=1e9`, 400),
  get(`${configMaps}?continue=e30`, 400),
  get(`${configMaps}?continue=%00`, 400),
  get(`${configMaps}?resourceVersion=-1`, 400),
  get(`${configMaps}?resourceVersion=99999999999999999999999`, 400),
  get(`${configMaps}?watch=1&resourceVersion=x`, 500),
  get(`${configMaps}?watch=1&timeoutSeconds=x`, 400),
  get(configMaps, 406, { accept: 'text/html' }),
  get(configMaps, 406, { accept: 'application/json;as=constructor;g=meta.k8s.io;v=v1' }),
  get(configMaps, 406, { accept: 'application/json;as=Table;g=meta.k8s.io;v=v9' }),
  get(configMaps, 406, { accept: 'constructor/x' }),
  get(configMaps, 401, { authorization: 'Bearer x', 'x-without-certificate': '1' }),
  get(configMaps, 403, { 'impersonate-user': '\u00e4' }),
  get(configMaps, 403, { 'impersonate-user': 'a'.repeat(2_000) }),
];

const oddWrites: readonly Hostile[] = [
  ...['TRACE', 'PROPFIND', 'OPTIONS', 'CUSTOM'].map((method) => ({
    name: `${method} on a collection`,
    method,
    code: 405,
  })),
  { name: 'PUT on a collection', method: 'PUT', type: json, body: '{}', code: 405 },
  { name: 'PATCH on a collection', method: 'PATCH', type: json, body: '{}', code: 405 },
  { name: 'POST on an object', path: `${configMaps}/a`, type: json, body: '{}', code: 405 },
  { name: 'DELETE on all namespaces', method: 'DELETE', path: '/api/v1/namespaces', code: 405 },
  { name: 'no media type that is known', type: 'text/plain', body: '{}', code: 415 },
  { name: 'a media type that is none', type: ';;;', body: '{}', code: 415 },
  {
    name: 'a patch of no type',
    method: 'PATCH',
    path: `${configMaps}/a`,
    type: json,
    body: '{}',
    code: 415,
  },
  {
    name: 'delete options that are none',
    method: 'DELETE',
    path: `${configMaps}/a`,
    type: json,
    body: '[',
    code: 400,
  },
  {
    name: 'delete options of a wrong kind',
    method: 'DELETE',
    path: `${configMaps}/a`,
    type: json,
    body: '{"kind":"Pod"}',
    code: 400,
  },
  {
    name: 'delete options of wrong types',
    method: 'DELETE',
    path: `${configMaps}/a`,
    type: json,
    body: '{"gracePeriodSeconds":"x"}',
    code: 400,
  },
];

/** Each against an object that exists. */
const hostilePatches: readonly Hostile[] = [
  ['json-patch', '[{"op":"add","path":"/data/__proto__/x","value":"y"}]', 422],
  ['json-patch', '[{"op":"add","path":"/metadata/name/0","value":"y"}]', 422],
  ['json-patch', '[{"op":"copy","from":"","path":"/data/x"}]', 422],
  ['json-patch', `[${'{"op":"test","path":"/kind","value":"ConfigMap"},'.repeat(10_001)}{}]`, 413],
  ['json-patch', nested('[', ']', 100_000), 400],
  ['merge-patch', 'null', 400],
  ['merge-patch', '[]', 400],
  ['merge-patch', '{"metadata":null}', 400],
  ['merge-patch', '{"metadata":{"name":null}}', 400],
  ['merge-patch', '{"kind":"Pod"}', 422],
  ['merge-patch', '{"data":5}', 422],
  ['merge-patch', nested('{"a":', '}', 50_000), 400],
  ['strategic-merge-patch', '{"$patch":"nope"}', 400],
  ['strategic-merge-patch', '{"metadata":{"$deleteFromPrimitiveList/finalizers":5}}', 400],
].map(([type, body, code]) => ({
  name: `${type} ${String(body).slice(0, 60)}`,
  method: 'PATCH',
  path: `${configMaps}/target`,
  type: `application/${type}+json`,
  body: String(body),
  code: Number(code),
}));

test('whatever a caller sends, it gets a Status, and the server goes on', async (t) => {
  await using hostile = await openHostile();
  await expectStatus(hostile, {
    name: 'target',
    type: json,
    body: '{"metadata":{"name":"target"},"data":{"a":"b"}}',
    code: 201,
  });
  const groups = { malformedBodies, wrongShapes, oddPaths, oddWrites, hostilePatches };
  for (const [group, requests] of Object.entries(groups)) {
    await t.test(group, async (each) => {
      for (const request of requests)
        await each.test(request.name, () => expectStatus(hostile, request));
    });
  }
  await expectAlive(hostile);
});

test('a body over 3 MiB is refused, announced or not', async (t) => {
  await using hostile = await openHostile();
  const body = Buffer.alloc(3 * 1024 * 1024 + 1, 'x');
  await t.test('announced', () =>
    expectStatus(hostile, {
      name: 'large',
      type: json,
      body,
      headers: { 'content-length': body.length },
      code: 413,
    }),
  );
  await t.test('in pieces', () =>
    expectStatus(hostile, { name: 'large', type: json, body, code: 413 }),
  );
  await t.test('just small enough', () =>
    expectStatus(hostile, { name: 'small', type: json, body: body.subarray(1), code: 400 }),
  );
  await expectAlive(hostile);
});

test('names of JavaScript are data like any other', async () => {
  await using hostile = await openHostile();
  const data = '{"__proto__":"x","constructor":"y","hasOwnProperty":"w","toString":"z"}';
  const body = `{"metadata":{"name":"js","labels":{"toString":"1"}},"data":${data}}`;
  await expectStatus(hostile, { name: 'create', type: json, body, code: 201 });
  const { text } = await send(hostile, get(`${configMaps}/js`, 200));
  assert.ok(text.includes(`"data":${data}`), text);
  for (const [selector, expected] of [
    ['constructor', 0],
    ['toString', 1],
    ['toString=1', 1],
    ['__proto__', 0],
  ] as const) {
    const path = `${configMaps}?labelSelector=${encodeURIComponent(selector)}`;
    const answer = await send(hostile, get(path, 200));
    if (selector === '__proto__') assert.equal(answer.code, 400);
    else assert.equal(JSON.parse(answer.text).items.length, expected, selector);
  }
});

test('connections that stop halfway cost nobody else anything', async (t) => {
  await using hostile = await openHostile();
  const { port } = new URL(hostile.open.cluster.url);
  await t.test('nothing is sent', async () => {
    const socket = net.connect(Number(port), '127.0.0.1');
    await once(socket, 'connect');
    await expectAlive(hostile);
    socket.destroy();
  });
  await t.test('no TLS', async () => {
    const socket = net.connect(Number(port), '127.0.0.1');
    socket.on('error', () => {});
    socket.end('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    socket.resume();
    await once(socket, 'close');
    await expectAlive(hostile);
  });
  for (const start of [
    'GET /api HTTP/1.1\r\nhost: x\r\nx-half',
    `POST ${configMaps} HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"meta`,
    `GET ${configMaps}?watch=1 HTTP/1.1\r\nhost: x\r\n\r\n`,
  ]) {
    await t.test(`cut after ${start.split('\r\n')[0]}`, async () => {
      const socket = tls.connect({ ...hostile.credentials, port: Number(port), host: '127.0.0.1' });
      await once(socket, 'secureConnect');
      await new Promise((resolve) => socket.write(start, resolve));
      await expectAlive(hostile);
      socket.destroy();
      await expectAlive(hostile);
    });
  }
  await t.test('an HTTP/2 request is reset in its body', async () => {
    const stream = hostile.session.request({
      ':method': 'POST',
      ':path': configMaps,
      'content-type': json,
    });
    stream.on('error', () => {});
    stream.write('{"metadata":');
    stream.close(http2.constants.NGHTTP2_CANCEL);
    await once(stream, 'close');
    await expectAlive(hostile);
  });
  await t.test('an HTTP/2 connection ends with a hundred watches', async () => {
    const session = await connect(hostile.open, hostile.credentials);
    await Promise.all(Array.from({ length: 100 }, () => openWatch(session)));
    session.destroy();
    await expectAlive(hostile);
  });
});

test('an event reaches a thousand idle watches on five connections', async () => {
  await using hostile = await openHostile();
  const sessions = await Promise.all(
    Array.from({ length: 5 }, () => connect(hostile.open, hostile.credentials)),
  );
  try {
    const watches = await Promise.all(
      sessions.flatMap((session) => Array.from({ length: 200 }, () => openWatch(session))),
    );
    const lines = watches.map(
      async (watch) =>
        (await createInterface({ input: watch })[Symbol.asyncIterator]().next()).value as string,
    );
    const body = '{"metadata":{"name":"news"}}';
    await expectStatus(hostile, {
      name: 'create',
      path: '/api/v1/namespaces/kube-public/configmaps',
      type: json,
      body,
      code: 201,
    });
    for (const line of await Promise.all(lines)) assert.match(line, /^\{"type":"ADDED".*"news"/);
  } finally {
    for (const session of sessions) session.destroy();
  }
  await expectAlive(hostile);
});

/** A cluster, and an administrator's bare connection to it. */
interface HostileCaller extends AsyncDisposable {
  readonly open: OpenCluster;
  readonly credentials: Credentials;
  readonly session: ClientHttp2Session;
  readonly anonymous: ClientHttp2Session;
}

interface Credentials {
  readonly ca: string;
  readonly cert?: string;
  readonly key?: string;
}

async function openHostile(): Promise<HostileCaller> {
  const failures: LogFields[] = [];
  const logger = {
    ...silentLogger,
    error: (message: string, fields?: LogFields) => void failures.push({ message, ...fields }),
  };
  const open = await openCluster({ logger });
  const credentials = await readCredentials(open.cluster.kubeconfig);
  const session = await connect(open, credentials);
  const anonymous = await connect(open, { ca: credentials.ca });
  return {
    open,
    credentials,
    session,
    anonymous,
    async [Symbol.asyncDispose]() {
      session.destroy();
      anonymous.destroy();
      await open[Symbol.asyncDispose]();
      assert.deepEqual(failures, [], 'the server logged failures of its own');
    },
  };
}

async function readCredentials(kubeconfig: string): Promise<Required<Credentials>> {
  const text = await readFile(kubeconfig, 'utf8');
  const read = (field: string): string => {
    const [, base64 = ''] = new RegExp(`${field}: "?([\\w+/=]+)`).exec(text) ?? [];
    return Buffer.from(base64, 'base64').toString();
  };
  return {
    ca: read('certificate-authority-data'),
    cert: read('client-certificate-data'),
    key: read('client-key-data'),
  };
}

async function connect(open: OpenCluster, credentials: Credentials): Promise<ClientHttp2Session> {
  const session = http2.connect(open.cluster.url, credentials);
  session.setMaxListeners(0);
  await once(session, 'connect');
  session.on('error', () => {});
  return session;
}

async function openWatch(session: ClientHttp2Session): Promise<ClientHttp2Stream> {
  const stream = session.request({
    ':path':
      '/api/v1/namespaces/kube-public/configmaps?watch=1&sendInitialEvents=false&resourceVersionMatch=NotOlderThan',
  });
  stream.on('error', () => {});
  const [headers] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders];
  assert.equal(headers[':status'], 200);
  return stream;
}

async function send(
  { session, anonymous }: HostileCaller,
  { method = 'POST', path = configMaps, headers = {}, type, body }: Hostile,
): Promise<{ readonly code: number; readonly type: string; readonly text: string }> {
  const { 'x-without-certificate': isAnonymous, ...sent } = headers;
  const stream = (isAnonymous === undefined ? session : anonymous).request(
    {
      ...sent,
      ':method': method,
      ':path': path,
      ...(type === undefined ? {} : { 'content-type': type }),
    },
    { endStream: body === undefined },
  );
  // A server may answer before it has read all, and then not care for the rest.
  stream.on('error', () => {});
  if (body !== undefined) stream.end(body);
  const [received] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders];
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(stream, 'end');
  return {
    code: Number(received[':status']),
    type: String(received['content-type']),
    text: Buffer.concat(chunks).toString(),
  };
}

async function expectStatus(hostile: HostileCaller, request: Hostile): Promise<void> {
  const { code, type, text } = await send(hostile, request);
  assert.equal(code, request.code, text.slice(0, 1_000));
  assert.doesNotMatch(text, /\bat .*\.[jt]s:\d+/, 'a stack trace');
  if (code < 400) return;
  assert.equal(type, json);
  const status = JSON.parse(text) as {
    kind: string;
    code: number;
    reason: string;
    message: string;
  };
  assert.deepEqual([status.kind, status.code], ['Status', code]);
  assert.notEqual(status.message, '');
  assert.ok(text.length < 20_000, `an answer of ${text.length} bytes`);
}

async function expectAlive(hostile: HostileCaller): Promise<void> {
  assert.equal((await send(hostile, get('/readyz', 200))).text, 'ok');
}

/** Ten aliases of ten aliases of ten …: a billion nodes when written out. */
function laughs(): string {
  const lines = ['a0: &a0 [x,x,x,x,x,x,x,x,x,x]'];
  for (let at = 1; at < 10; at++) {
    lines.push(
      `a${at}: &a${at} [${Array(10)
        .fill(`*a${at - 1}`)
        .join(',')}]`,
    );
  }
  return lines.join('\n');
}
