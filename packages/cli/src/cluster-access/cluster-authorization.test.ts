import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type Server, createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { AuthorizationMode } from '@fairway/access';
import { type LogFields, silentLogger } from '@fairway/host';
import { nodejsHost } from '@fairway/host/nodejs';
import { ManualClock, MemoryFiles, settle } from '@fairway/host/testing';
import type { RequestTarget } from '@fairway/protocol';
import { makeTestCertificates } from '@fairway/certificates/testing';
import { ClusterAuthorization } from './cluster-authorization.ts';

const { tls, authority } = await makeTestCertificates();
const configuration = '/etc/authorization.yaml';
const target: RequestTarget = { isResource: false, verb: 'get', path: '/metrics' };
const ask = { user: { username: 'bob', groups: [] }, target };

/** A webhook on a socket of this machine that allows everything, and notes who asked it for what. */
class Webhook implements AsyncDisposable {
  readonly #server: Server;
  readonly asked: string[] = [];

  constructor() {
    this.#server = createServer({ cert: tls.certificate, key: tls.key.reveal() });
    this.#server.on('request', (request: IncomingMessage, response) => {
      this.asked.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''}`);
      request.resume();
      response.end('{"kind":"SubjectAccessReview","status":{"allowed":true,"reason":"so"}}');
    });
  }

  async kubeconfig(path: string): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const { port } = this.#server.address() as AddressInfo;
    const cluster = {
      server: `https://127.0.0.1:${port}${path}`,
      'certificate-authority-data': btoa(authority.certificate),
    };
    return JSON.stringify({
      'current-context': 'c',
      clusters: [{ name: 'c', cluster }],
      users: [{ name: 'u', user: { token: 'secret' } }],
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

function machine(files: Readonly<Record<string, string>>) {
  const logged: LogFields[] = [];
  const host = {
    ...nodejsHost(),
    clock: new ManualClock(),
    files: new MemoryFiles(files),
    logger: {
      ...silentLogger,
      error: (_: string, fields: LogFields = {}) => void logged.push(fields),
    },
  };
  return { host, logged };
}

const webhookYaml = `
apiVersion: apiserver.config.k8s.io/v1
kind: AuthorizationConfiguration
authorizers:
  - type: Webhook
    name: hook
    webhook:
      timeout: 3s
      subjectAccessReviewVersion: v1
      matchConditionSubjectAccessReviewVersion: v1
      failurePolicy: Deny
      connectionInfo: { type: KubeConfigFile, kubeConfigFile: /etc/hook }
      matchConditions:
        - expression: request.user == 'bob'
  - { type: RBAC, name: rbac }
`;

test('a webhook is asked at the URL and as the user of its kubeconfig', async () => {
  await using webhook = new Webhook();
  const { host } = machine({
    [configuration]: webhookYaml,
    '/etc/hook': await webhook.kubeconfig('/authorize'),
  });
  await using opened = await ClusterAuthorization.open(host, { kind: 'file', path: configuration });
  const [first, second] = opened.choices();
  assert.equal(second, 'RBAC');
  const hook = first as AuthorizationMode;
  assert.deepEqual(await hook.authorize(ask), { kind: 'allow', reason: 'so' });
  assert.equal(
    (await hook.authorize({ ...ask, user: { username: 'eve', groups: [] } })).kind,
    'noOpinion',
  );
  assert.deepEqual(webhook.asked, ['POST /authorize Bearer secret']);
});

test('a file that changes is read again, and one that is malformed changes nothing', async () => {
  const before = yamlOf('RBAC');
  const { host, logged } = machine({ [configuration]: before });
  await using opened = await ClusterAuthorization.open(host, { kind: 'file', path: configuration });
  const first = opened.choices();
  assert.deepEqual(first, ['RBAC']);
  const look = async (text?: string): Promise<void> => {
    if (text !== undefined) await host.files.write(configuration, Buffer.from(text));
    await host.clock.advance(10_000);
    for (let turn = 0; turn < 20; turn++) await settle();
  };
  await look();
  assert.equal(opened.choices(), first);
  await look(yamlOf('Node').replace('name:', 'nmae:'));
  assert.equal(opened.choices(), first);
  assert.match(String(logged.pop()?.['reason']), /authorizers\[0\]\.nmae: .*unknown field/);
  await look();
  assert.equal(logged.length, 0, 'what is wrong is said once');
  await look(yamlOf('AlwaysDeny'));
  assert.deepEqual(opened.choices(), ['AlwaysDeny']);
  await opened[Symbol.asyncDispose]();
  assert.equal(host.clock.pending, 0);
});

test('a configuration that cannot be used is told by its name, with all that is wrong', async () => {
  for (const [text, message] of [
    [undefined, /authorization\.yaml: no such file$/],
    ['a: [', /authorization\.yaml: .* at line 1/],
    ['a: *b', /authorization\.yaml: Unresolved alias/],
    ['kind: Pod', /has not apiVersion apiserver\.config\.k8s\.io\/v1 or .* and kind/],
    [webhookYaml, /unable to read|no such file/],
  ] as const) {
    const { host } = machine(text === undefined ? {} : { [configuration]: text });
    const opening = ClusterAuthorization.open(host, { kind: 'file', path: configuration });
    await assert.rejects(opening, { message });
  }
});

function yamlOf(type: string): string {
  return `apiVersion: apiserver.config.k8s.io/v1
kind: AuthorizationConfiguration
authorizers:
- type: ${type}
  name: a
`;
}
