import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Handler } from '@fairway/protocol';
import { makeTestCertificates } from '@fairway/certificates/testing';
import { connectHttp2, listenForTest, sendHttp2, sendRaw } from '@fairway/serving/testing';
import { type TestServer, startTestServer } from '@fairway/apiserver/testing';
import { settle } from '@fairway/host/testing';

const rbac = '/apis/rbac.authorization.k8s.io/v1';
const hidden = '/api/v1/namespaces/b/secrets/s';
const hiddenText = btoa('nobody but the administrator reads this');

/** Paths that somebody could take for another one than was authorized. */
const tricks: readonly string[] = [
  hidden,
  `${hidden}/`,
  `${hidden}//`,
  `/${hidden}`,
  `//${hidden}`,
  ...['/api//v1', '/api/v1/', '/api/./v1', '/api/v1/.', '//api/v1', '/api/v1//'].map(
    (prefix) => `${prefix}/namespaces/b/secrets/s`,
  ),
  '/API/v1/namespaces/b/secrets/s',
  '/api/V1/namespaces/b/secrets/s',
  '/api/v1/Namespaces/b/secrets/s',
  '/api/v1/namespaces/b/SECRETS/s',
  '/api/v1/namespaces/b/Secrets/s',
  '/api/v1/namespaces//secrets/s',
  '/api/v1/namespaces/b//secrets/s',
  '/api/v1/namespaces/b/secrets//s',
  '/api/v1/namespaces/a/../b/secrets/s',
  '/api/v1/namespaces/a/%2e%2e/b/secrets/s',
  '/api/v1/namespaces/a/%2E./b/secrets/s',
  '/api/v1/namespaces/a/..%2fb/secrets/s',
  '/api/v1/namespaces/a%2f..%2fb/secrets/s',
  '/api/v1/namespaces/a%2F%2E%2E%2Fb/secrets/s',
  '/api/v1/namespaces/a/%252e%252e/b/secrets/s',
  '/api/v1/namespaces/a/%c0%ae%c0%ae/b/secrets/s',
  '/api/v1/namespaces/a/..;/b/secrets/s',
  '/api/v1/namespaces/a\\..\\b/secrets/s',
  '/api/v1/namespaces/a%5c..%5cb/secrets/s',
  '/api/v1/namespaces/a/configmaps/../../b/secrets/s',
  '/api/v1/namespaces/a/configmaps/..%2f..%2fb%2fsecrets%2fs',
  '/api/v1/namespaces/a/configmaps/c/../../../b/secrets/s',
  '/api/v1/namespaces/a/configmaps;/../../b/secrets/s',
  '/api/v1/namespaces/b/configmaps/../secrets/s',
  '/api/v1/namespaces/b/configmaps%2f..%2fsecrets/s',
  '/api/v1/namespaces/b%2fsecrets/s',
  '/api/v1/namespaces/b/secrets%2fs',
  '/api/v1/namespaces/b/secrets;a=configmaps/s',
  '/api/v1/namespaces/b/secrets/s;a',
  '/api/v1/namespaces/b/secrets/s%3f',
  '/api/v1/namespaces/b/secrets/s%23',
  '/api/v1/namespaces/b/secrets/s%00',
  '/api/v1/namespaces/b/secrets/s%0a',
  '/api/v1/namespaces/b/secrets/%73',
  '/api/v1/namespaces/b/%73ecrets/s',
  '/api/v1/namespaces/%62/secrets/s',
  '/%61pi/v1/namespaces/b/secrets/s',
  '/api/v1/namespaces/b/secrets/s/status',
  '/api/v1/namespaces/b/secrets/s/configmaps/c',
  '/api/v1/namespaces/a/namespaces/b/secrets/s',
  '/api/v1/namespaces/a/configmaps/c/namespaces/b/secrets/s',
  '/api/v1/watch/namespaces/b/secrets/s?timeoutSeconds=1',
  '/api/v1/watch/namespaces/b/secrets?timeoutSeconds=1',
  '/api/v1/proxy/namespaces/b/secrets/s',
  '/api/v1/secrets',
  '/api/v1/secrets?fieldSelector=metadata.namespace%3Da',
  '/api/v1/secrets?namespace=a',
  '/api/v1/secrets/s',
  '/api/v1/namespaces/b/secrets?namespace=a',
  '/api/v1/namespaces/b/secrets?fieldSelector=metadata.name%3Ds',
  '/api/v1/namespaces/a/secrets/s?namespace=b',
  '/apis/v1/namespaces/b/secrets/s',
  '/apis//v1/namespaces/b/secrets/s',
  '/apis/core/v1/namespaces/b/secrets/s',
  '/api/v1/namespaces/b/secrets/s?/namespaces/a/configmaps/c',
  `/logs/..${hidden}`,
  `/logs/%2e%2e${hidden}`,
  `/logs%2f..${hidden}`,
  `/logs/..%2fapi/v1/namespaces/b/secrets/s`,
  `/logs/..;${hidden}`,
  '/logs/../flagz',
  '/logs/%2e%2e/flagz',
  '/logs%2f..%2fflagz',
  '/logs/..%2fflagz',
  '/logs/..%2Fflagz/',
  '/logs/..;/flagz',
  '/flagz',
  '/flagz/',
  '//flagz',
  '/./flagz',
  '/%66lagz',
  '/Flagz',
  '/FLAGZ',
  '/flagz?/logs/',
  '/flagz%3f/logs/',
  '/flagz;/logs/',
];

test('no spelling of a path leads to what RBAC denies', async (t) => {
  await using server = await startTestServer();
  const eve = await makeEve(server);
  const answer: Handler = async (request) => {
    const isEve = request.headers['x-who'] === 'eve';
    return (isEve ? eve : server.api.handlerFor(administrator))(request);
  };
  await t.test('over HTTP/1.1', async () => {
    await using listener = await listenForTest(answer);
    const ask = (path: string, who = 'eve') =>
      sendRaw(
        listener.port,
        `GET ${path} HTTP/1.1\r\nHost: a\r\nX-Who: ${who}\r\nAccept: */*\r\nConnection: close\r\n\r\n`,
      );
    await checkControls((path, who) => ask(path, who));
    for (const path of [...tricks, `http://a${hidden}`, `http://a/flagz`, `${hidden}#/a`, '*']) {
      const text = await ask(path);
      expectNothing(path, Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]), text);
    }
  });
  await t.test('over HTTP/2', async () => {
    const { tls, authority } = await makeTestCertificates();
    await using listener = await listenForTest(answer, { tls });
    using connection = await connectHttp2(`https://127.0.0.1:${listener.port}`, {
      ca: authority.certificate,
    });
    const ask = (path: string, who = 'eve') =>
      sendHttp2(connection.session, { ':path': path, 'x-who': who });
    await checkControls(async (path, who) => (await ask(path, who)).text);
    for (const path of tricks) {
      const { status, text } = await ask(path);
      expectNothing(path, status, text);
    }
  });
});

const administrator = { username: 'admin', groups: ['system:masters'] };

/** What is looked for is there, and who may read it does. */
async function checkControls(ask: (path: string, who: string) => Promise<string>): Promise<void> {
  assert.ok((await ask(hidden, 'admin')).includes(hiddenText));
  assert.ok((await ask('/flagz', 'admin')).includes('advertise-address'));
  assert.ok((await ask('/api/v1/namespaces/a/configmaps/c', 'eve')).includes('"hello"'));
}

function expectNothing(path: string, status: number, text: string): void {
  assert.ok(status >= 400 && status < 500, `${path} was answered with ${status}: ${text}`);
  assert.ok(!text.includes(hiddenText) && !text.includes('advertise-address'), path);
}

/** May read config maps in `a`, and all below `/logs/`. */
async function makeEve(server: TestServer): Promise<Handler> {
  for (const name of ['a', 'b']) {
    await server.expect(201, 'POST', '/api/v1/namespaces', { body: { metadata: { name } } });
  }
  await server.expect(201, 'POST', '/api/v1/namespaces/a/configmaps', {
    body: { metadata: { name: 'c' }, data: { say: 'hello' } },
  });
  await server.expect(201, 'POST', '/api/v1/namespaces/b/secrets', {
    body: { metadata: { name: 's' }, data: { k: hiddenText } },
  });
  const apiGroup = 'rbac.authorization.k8s.io';
  const subjects = [{ apiGroup, kind: 'User', name: 'eve' }];
  for (const [scope, kind, rules] of [
    ['', 'ClusterRole', [{ nonResourceURLs: ['/logs/*'], verbs: ['*'] }]],
    ['/namespaces/a', 'Role', [{ apiGroups: [''], resources: ['configmaps'], verbs: ['*'] }]],
  ] as const) {
    const metadata = { name: 'eve' };
    const plural = `${kind.toLowerCase()}s`;
    await server.expect(201, 'POST', `${rbac}${scope}/${plural}`, { body: { metadata, rules } });
    const roleRef = { apiGroup, kind, name: 'eve' };
    const bindings = `${rbac}${scope}/${kind.toLowerCase()}bindings`;
    await server.expect(201, 'POST', bindings, { body: { metadata, roleRef, subjects } });
  }
  await settle();
  return server.api.handlerFor({ username: 'eve', groups: [] });
}
