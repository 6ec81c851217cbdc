import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { AnyObject, TestServer } from '@fairway/apiserver/testing';
import { makeTestCertificates } from '@fairway/certificates/testing';
import { settle } from '@fairway/host/testing';
import type { UpgradeAnswer } from '@fairway/protocol';
import {
  type Behaviour,
  HostileExtension,
  answerJson,
  behaveWell,
  group,
  root,
  startAggregator,
  untilSaid,
} from './hostile-extension.ts';

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** Nobody else waits for the server, nor loses anything by it: time stands still meanwhile. */
async function othersAreServed(server: TestServer): Promise<void> {
  await server.expect(200, 'GET', '/api/v1/namespaces/default');
  await server.expect(200, 'GET', '/apis/apps/v1/deployments');
  await server.expect(200, 'GET', '/apis/apps/v1');
  const { json } = await server.expect(200, 'GET', '/apis', { headers: { accept: aggregated } });
  const groups = json['items'] as readonly AnyObject[];
  const apps = groups.find(({ metadata }) => metadata.name === 'apps');
  assert.ok(apps?.['versions'][0].resources.length > 0);
  const { json: documents } = await server.expect(200, 'GET', '/openapi/v3');
  assert.ok(documents['paths']['apis/apps/v1']);
  const { json: swagger } = await server.expect(200, 'GET', '/openapi/v2');
  assert.ok(swagger['definitions']['io.k8s.api.apps.v1.Deployment']);
}

async function versionTold(server: TestServer): Promise<AnyObject> {
  const { json } = await server.expect(200, 'GET', '/apis', { headers: { accept: aggregated } });
  const groups = json['items'] as readonly AnyObject[];
  return groups.find(({ metadata }) => metadata.name === group)?.['versions'][0] as AnyObject;
}

async function untilTold(server: TestServer, freshness: string): Promise<void> {
  while ((await versionTold(server)).freshness !== freshness) await settle();
}

/** With a server that is available, and answers requests for tides as it likes. */
async function startAvailable(extension: HostileExtension): Promise<TestServer> {
  const server = await startAggregator();
  await extension.register(server);
  await untilSaid(server, 'Passed');
  await settle();
  return server;
}

/** Well but for what is said of tides. */
function tidesAre(answer: string | readonly string[]): Behaviour {
  return (socket, path) => {
    if (!path.startsWith(`${root}/`)) return behaveWell(socket, path);
    for (const each of [answer].flat()) socket.write(each);
  };
}

const megabyte = 'x'.repeat(1024 * 1024);
const gigabyte = 1024 * megabyte.length;
/** More than the buffers of both ends and of the system hold. */
const takenBytesMax = 64 * megabyte.length;

/** Sends megabytes for as long as they are taken. */
function sendOn(socket: Parameters<Behaviour>[0], onSent: (bytes: number) => void): void {
  for (let sent = 0; sent < 1024 && !socket.destroyed; sent++) {
    onSent(megabyte.length);
    if (!socket.write(megabyte)) {
      socket.once('drain', () => sendOn(socket, onSent));
      return;
    }
  }
}

const refusals: readonly {
  readonly title: string;
  readonly answer: string;
  readonly status?: number;
  readonly text: RegExp;
}[] = [
  {
    title: 'garbage in place of an answer',
    answer: '\0\x01 this is not HTTP \xff\r\n\r\n',
    text: /^error trying to reach service: .*/,
  },
  {
    title: 'a megabyte of headers',
    answer: `HTTP/1.1 200 OK\r\nX-Long: ${megabyte}\r\nContent-Length: 0\r\n\r\n`,
    text: /^error trying to reach service: .*/,
  },
  {
    title: 'a change of the protocol that nobody asked for',
    answer: 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nhello',
    text: /^error trying to reach service: .*the protocol, which nobody asked for/,
  },
  {
    title: 'a redirect',
    answer: `HTTP/1.1 307 x\r\nLocation: https://elsewhere/\r\nContent-Length: 9\r\n\r\ngo there!`,
    status: 502,
    text: /^the backend attempted to redirect this request, which is not permitted$/,
  },
  {
    title: 'a megabyte of short headers',
    answer: `HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(175_000)}Content-Length: 0\r\n\r\n`,
    text: /^error trying to reach service: .*/,
  },
  {
    title: 'a negative length',
    answer: 'HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}',
    text: /^error trying to reach service: .*/,
  },
  {
    title: 'two lengths',
    answer: 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}',
    text: /^error trying to reach service: .*/,
  },
];

for (const { title, answer, status = 503, text } of refusals) {
  test(`${title}: a clear error at once, and the next request is answered`, async () => {
    await using extension = await new HostileExtension().listen();
    await using server = await startAvailable(extension);
    extension.behave = tidesAre(answer);
    const refused = await server.expect(status, 'GET', `${root}/tides`);
    assert.match(refused.text.trimEnd(), text);
    assert.equal(refused.headers['location'], undefined);
    await othersAreServed(server);
    extension.behave = behaveWell;
    assert.equal((await server.expect(200, 'GET', `${root}/tides`)).json.kind, 'TideList');
  });
}

test('an answer that is shorter than its length is cut, and not taken for a whole one', async () => {
  await using extension = await new HostileExtension().listen();
  await using server = await startAvailable(extension);
  extension.behave = (socket, path) => {
    if (!path.startsWith(`${root}/`)) return behaveWell(socket, path);
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"kind":');
  };
  await assert.rejects(server.request('GET', `${root}/tides`), /cut|reset|closed/);
  await othersAreServed(server);
});

for (const [what, chunks] of Object.entries({
  'a chunk whose length is none': 'xyz\r\n{}\r\n0\r\n\r\n',
  'a chunk that is longer than it says': '2\r\n{}{}\r\n0\r\n\r\n',
  'a chunk of more bytes than there are numbers for': `${'f'.repeat(32)}\r\n{}`,
  'a line for a chunk that is a megabyte long': `2;${megabyte}\r\n{}\r\n0\r\n\r\n`,
})) {
  test(`${what} cuts the answer`, async () => {
    await using extension = await new HostileExtension().listen();
    await using server = await startAvailable(extension);
    extension.behave = tidesAre(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`);
    await assert.rejects(async () => {
      const { status } = await server.request('GET', `${root}/tides`);
      if (status === 503) throw new Error('refused at once');
    });
    await othersAreServed(server);
    extension.behave = behaveWell;
    await server.expect(200, 'GET', `${root}/tides`);
  });
}

test('what comes after an answer is nobody’s: not the answer to the next request either', async () => {
  await using extension = await new HostileExtension().listen();
  await using server = await startAvailable(extension);
  const smuggled = 'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nsmuggled';
  extension.behave = tidesAre(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}${smuggled}`);
  for (let request = 0; request < 5; request++) {
    const { text } = await server.expect(200, 'GET', `${root}/tides`);
    assert.equal(text, '{}');
    // What was said too much arrives.
    await settle();
  }
  extension.behave = behaveWell;
  assert.equal((await server.expect(200, 'GET', `${root}/tides`)).json.kind, 'TideList');
});

test('an answer of which no byte comes ends with the time of a request', async () => {
  await using extension = await new HostileExtension().listen();
  await using server = await startAvailable(extension);
  const asked = Promise.withResolvers<void>();
  extension.behave = () => asked.resolve();
  const waiting = server.request('GET', `${root}/tides`);
  await asked.promise;
  await othersAreServed(server);
  await server.clock.advance(60_000);
  assert.equal((await waiting).status, 504);
});

test('an answer that never ends, byte for byte, ends with the time of a request', async () => {
  await using extension = await new HostileExtension().listen();
  await using server = await startAvailable(extension);
  const asked = Promise.withResolvers<void>();
  extension.behave = (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n');
    asked.resolve();
  };
  const waiting = server.request('GET', `${root}/tides`).then(
    () => assert.fail('it has no end'),
    (failure: Error) => failure.message,
  );
  await asked.promise;
  for (const socket of extension.sockets) socket.write('1\r\n{\r\n');
  await othersAreServed(server);
  await server.clock.advance(60_000);
  assert.match(await waiting, /Timeout|allotted/);
});

test('a gigabyte waits at the server while its caller does not read, and ends with him', async () => {
  await using extension = await new HostileExtension().listen();
  await using server = await startAvailable(extension);
  let sentBytes = 0;
  const left = Promise.withResolvers<void>();
  extension.behave = (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${gigabyte}\r\n\r\n`);
    socket.once('close', left.resolve);
    sendOn(socket, (bytes) => (sentBytes += bytes));
  };
  const caller = new AbortController();
  const { status, body } = await server.api.handlerFor({
    username: 'ann',
    groups: ['system:masters'],
  })({
    method: 'GET',
    path: `${root}/tides`,
    query: '',
    headers: {},
    body: undefined,
    signal: caller.signal,
  });
  assert.equal(status, 200);
  for (let quiet = 0, before = -1; quiet < 50; before = sentBytes) {
    await settle();
    quiet = sentBytes === before ? quiet + 1 : 0;
    assert.ok(sentBytes < takenBytesMax, `${sentBytes} bytes were taken`);
  }
  await othersAreServed(server);
  caller.abort();
  await (body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]().return?.();
  await left.promise;
});

test('a watch lasts, however long nothing is said', async () => {
  await using extension = await new HostileExtension().listen();
  await using server = await startAvailable(extension);
  extension.behave = (socket) =>
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
  await using watch = await server.watch(`${root}/tides?watch=true`);
  await server.clock.advance(3_600_000);
  const event = '{"type":"ADDED","object":{"metadata":{"name":"high"}}}\n';
  for (const socket of extension.sockets)
    socket.write(`${event.length.toString(16)}\r\n${event}\r\n`);
  assert.deepEqual(await watch.take(1), ['ADDED high']);
});

test('a server whose certificate is of another authority is not available, and why is said', async () => {
  const { authority } = await makeTestCertificates();
  await using extension = await new HostileExtension().listen();
  await using server = await startAggregator();
  const caBundle = Buffer.from(authority.certificate).toString('base64');
  await extension.register(server, { caBundle });
  assert.match(await untilSaid(server, 'FailedDiscoveryCheck'), /certificate/);
  await settle();
  const refused = await server.expect(503, 'GET', `${root}/tides`);
  assert.equal(refused.text, 'service unavailable\n');
  await othersAreServed(server);
});

test('a server that says nothing of what it has is not available after five seconds', async () => {
  await using extension = await new HostileExtension().listen();
  await using server = await startAggregator();
  const asked = Promise.withResolvers<void>();
  extension.behave = () => asked.resolve();
  await extension.register(server);
  await asked.promise;
  await othersAreServed(server);
  await server.clock.advance(5_000);
  assert.match(await untilSaid(server, 'FailedDiscoveryCheck'), /context deadline exceeded/);
  await othersAreServed(server);
});

test('discovery that never ends is left after five seconds, and what was known is stale', async () => {
  await using extension = await new HostileExtension().listen();
  await using server = await startAvailable(extension);
  await untilTold(server, 'Current');
  const asked = Promise.withResolvers<void>();
  extension.behave = (socket, path) => {
    if (path === root) return behaveWell(socket, path);
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n');
    asked.resolve();
  };
  await server.clock.advance(30_000);
  await asked.promise;
  await othersAreServed(server);
  await server.clock.advance(5_000);
  await untilTold(server, 'Stale');
  assert.equal((await versionTold(server))['resources'][0].resource, 'tides');
  // By the headers of its discovery it is there, as for kube-aggregator.
  await untilSaid(server, 'Passed');
  await othersAreServed(server);
});

test('an OpenAPI document that never ends keeps nobody from those of all others', async () => {
  await using extension = await new HostileExtension().listen();
  const asked = Promise.withResolvers<void>();
  extension.behave = withDocument({
    [`/openapi/v3${root}`]: (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n');
      asked.resolve();
    },
  });
  await using server = await startAggregator();
  await extension.register(server);
  await asked.promise;
  await othersAreServed(server);
  await server.clock.advance(5_000);
  await untilSaid(server, 'Passed');
  assert.equal((await versionTold(server)).freshness, 'Current');
  await othersAreServed(server);
});

async function upgrade(server: TestServer): Promise<UpgradeAnswer> {
  return server.api.upgradeFor({ username: 'ann', groups: ['system:masters'] })({
    method: 'GET',
    path: `${root}/namespaces/a/tides/b/turn`,
    query: '',
    headers: { connection: 'Upgrade', upgrade: 'websocket' },
    body: undefined,
    signal: new AbortController().signal,
  });
}

test('a stream that a server does not give is refused, at once or in the time of a request', async () => {
  await using extension = await new HostileExtension().listen();
  await using server = await startAvailable(extension);
  for (const answer of ['garbage\r\n\r\n', `HTTP/1.1 101 x\r\nX-Long: ${megabyte}\r\n\r\n`]) {
    extension.behave = tidesAre(answer);
    const refused = await upgrade(server);
    assert.equal(refused.kind === 'refused' && refused.response.status, 503);
  }
  const asked = Promise.withResolvers<void>();
  extension.behave = () => asked.resolve();
  const waiting = upgrade(server);
  await asked.promise;
  await othersAreServed(server);
  await server.clock.advance(60_000);
  const late = await waiting;
  assert.equal(late.kind === 'refused' && late.response.status, 504);
});

test('what a server says that nobody has asked for cuts its connection, and is forgotten', async () => {
  await using extension = await new HostileExtension().listen();
  await using server = await startAvailable(extension);
  await server.expect(200, 'GET', `${root}/tides`);
  const idle = [...extension.sockets];
  assert.notEqual(idle.length, 0);
  const cut = idle.map((socket) => once(socket, 'close'));
  for (const socket of idle) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]');
  await Promise.all(cut);
  assert.equal((await server.expect(200, 'GET', `${root}/tides`)).json.kind, 'TideList');
});

/** Where documents are asked for: discovery, and both forms of OpenAPI. */
const documentsOf = ['/apis', root, '/openapi/v3', `/openapi/v3${root}`, '/openapi/v2'];

const place = root.slice(1);

/** Says where its document is, and answers it, as a server that means well. */
function withDocument(
  instead: Readonly<Record<string, (socket: Parameters<Behaviour>[0]) => void>>,
) {
  return (...[socket, path]: Parameters<Behaviour>): void => {
    const own = instead[path];
    if (own !== undefined) return own(socket);
    const isIndexed = path === '/openapi/v3' && instead['/openapi/v2'] === undefined;
    if (!isIndexed) return behaveWell(socket, path);
    answerJson(socket, { paths: { [place]: { serverRelativeURL: `/openapi/v3${root}?hash=A` } } });
  };
}

for (const path of documentsOf) {
  test(`a document of a gigabyte at ${path} is left where it is too long`, async () => {
    await using extension = await new HostileExtension().listen();
    let sentBytes = 0;
    const left = Promise.withResolvers<void>();
    extension.behave = withDocument({
      [path]: (socket) => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${gigabyte}\r\n\r\n{"a":"`);
        socket.once('close', left.resolve);
        sendOn(socket, (bytes) => (sentBytes += bytes));
      },
    });
    await using server = await startAvailable(extension);
    // Those who ask for all documents do not get this one.
    await othersAreServed(server);
    await left.promise;
    assert.ok(sentBytes < takenBytesMax, `${sentBytes} bytes were taken`);
    await othersAreServed(server);
    await server.expect(200, 'GET', `${root}/tides`);
  });

  test(`a document nested 10,000 deep at ${path} harms nobody`, async () => {
    await using extension = await new HostileExtension().listen();
    const depth = 10_000;
    const deep = (open: string, close: string): string => open.repeat(depth) + close.repeat(depth);
    const texts: Readonly<Record<string, string>> = {
      '/apis': `{"kind":"APIGroupDiscoveryList","items":[{"metadata":{"name":"${group}"},"versions":[{"version":"v1","resources":${deep('[', ']')}}]}]}`,
      [root]: `{"kind":"APIResourceList","resources":${deep('[', ']')}}`,
      '/openapi/v2': `{"swagger":"2.0","definitions":{"a":${deep('{"items":', '}').replace(':}', ':1}')}}}`,
      '/openapi/v3': `{"paths":${deep('{"a":', '}').replace(':}', ':1}')}}`,
      [`/openapi/v3${root}`]: `{"paths":{"${root}/tides":{"get":${deep('{"a":', '}').replace(':}', ':1}')}}},"components":{"schemas":{"a":${deep('{"items":', '}').replace(':}', ':1}')}}}}`,
    };
    extension.behave = withDocument({
      [path]: (socket) => {
        const body = texts[path] ?? '';
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      },
    });
    await using server = await startAvailable(extension);
    await othersAreServed(server);
    await server.clock.advance(30_000);
    await othersAreServed(server);
    await server.expect(200, 'GET', `${root}/tides`);
  });
}
