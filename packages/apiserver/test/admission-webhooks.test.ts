import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { suite, test } from 'node:test';
import type { Dial, WebhookEndpoint } from '@fairway/apiserver';
import { type TestServer, admin, startTestServer } from '@fairway/apiserver/testing';
import { settle } from '@fairway/host/testing';
import type { Handler } from '@fairway/protocol';
import {
  type Answering,
  WebhookRoad,
  WebhookServer,
  base64,
  jsonPatch,
  review,
} from './webhook-server.ts';

const configurations = '/apis/admissionregistration.k8s.io/v1';
const configMaps = '/api/v1/namespaces/default/configmaps';

const creates = {
  apiGroups: [''],
  apiVersions: ['v1'],
  operations: ['CREATE'],
  resources: ['configmaps'],
};

/** A server, its webhook on a socket, and what the webhook answers by paths. */
class Scene implements AsyncDisposable {
  readonly server: TestServer;
  readonly webhook: WebhookServer;
  readonly #road: WebhookRoad;

  private constructor(parts: { server: TestServer; webhook: WebhookServer; road: WebhookRoad }) {
    this.server = parts.server;
    this.webhook = parts.webhook;
    this.#road = parts.road;
  }

  static async open(answers: Readonly<Record<string, Answering>>): Promise<Scene> {
    const webhook = await new WebhookServer((path) => answers[path]).listen();
    const road = new WebhookRoad();
    const server = await startTestServer({ dial: { webhook: road.webhook } });
    return new Scene({ server, webhook, road });
  }

  /** `path` is both the name and where the webhook is asked. */
  async configure(
    kind: 'Mutating' | 'Validating',
    name: string,
    webhooks: readonly { readonly path: string; readonly [field: string]: unknown }[],
  ): Promise<void> {
    const body = {
      metadata: { name },
      webhooks: webhooks.map(({ path, ...webhook }) => ({
        name: `${path}.example.com`,
        clientConfig: { url: `${this.webhook.url}/${path}`, caBundle: this.webhook.caBundle },
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        rules: [creates],
        ...webhook,
      })),
    };
    const plural = `${kind.toLowerCase()}webhookconfigurations`;
    await this.server.expect(201, 'POST', `${configurations}/${plural}`, { body });
    for (let turn = 0; turn < 20; turn++) await settle();
  }

  /** The answer to a write during which a webhook is asked that does not answer for so long. */
  async patiently(
    method: string,
    path: string,
    { body, waitMs }: { readonly body: unknown; readonly waitMs: number },
  ): Promise<{ readonly status: number; readonly message: string }> {
    const asAdmin = this.server.api.handlerFor(admin);
    const handler: Handler = async (request) => {
      const arrival = this.webhook.arrival();
      const answer = asAdmin(request);
      await arrival;
      await this.server.clock.advance(waitMs);
      return answer;
    };
    const { status, json } = await this.server.request(method, path, { body, handler });
    return { status, message: json.message };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#road[Symbol.dispose]();
    await this.webhook[Symbol.asyncDispose]();
    await this.server[Symbol.asyncDispose]();
  }
}

const allow = review(() => ({ allowed: true }));
const deny = review(() => ({ allowed: false, status: { message: 'no' } }));
const hang: Answering = () => {};

function configMap(name: string, labels = {}): object {
  return { metadata: { name, labels }, data: { k: 'v' } };
}

/** Writes for as long as its reader takes it. */
function pour(response: ServerResponse): void {
  const chunk = Buffer.alloc(1024 * 1024, ' ');
  response.writeHead(200, { 'content-type': 'application/json' });
  response.on('error', () => {});
  const next = (): void => {
    while (!response.destroyed && response.write(chunk));
    if (!response.destroyed) response.once('drain', next);
  };
  next();
}

suite('a webhook that does not do what it should', () => {
  test('one that hangs ends in its time, and nobody else waits for it', async () => {
    await using scene = await Scene.open({ '/hang': hang });
    const { server } = scene;
    await scene.configure('Validating', 'a', [{ path: 'hang', timeoutSeconds: 30 }]);
    const waiting = scene.webhook.arrival();
    const asked = server.request('POST', configMaps, { body: configMap('a') });
    await waiting;
    // Time stands still: whatever waited for the webhook would wait for ever.
    await server.expect(201, 'POST', '/api/v1/namespaces/default/secrets', {
      body: { metadata: { name: 's' } },
    });
    await server.expect(200, 'GET', configMaps);
    await server.clock.advance(29_999);
    await server.expect(404, 'GET', `${configMaps}/a`);
    await server.clock.advance(1);
    const { status, json } = await asked;
    assert.equal(status, 500);
    assert.match(
      json.message,
      /failed to call webhook: Post "https:.+\/hang\?timeout=30s": context deadline exceeded$/,
    );
  });

  test('the time of the request is over before, and nothing is stored', async () => {
    await using scene = await Scene.open({ '/hang': hang });
    await scene.configure('Validating', 'a', [
      { path: 'hang', timeoutSeconds: 30, failurePolicy: 'Ignore' },
    ]);
    const late = await scene.patiently('POST', `${configMaps}?timeout=3s`, {
      body: configMap('late'),
      waitMs: 3_000,
    });
    assert.equal(late.status, 504);
    for (let turn = 0; turn < 20; turn++) await settle();
    await scene.server.expect(404, 'GET', `${configMaps}/late`);
  });

  const answers: Readonly<Record<string, readonly [Answering, RegExp]>> = {
    garbage: [
      (_, response) => void response.end('<html>'),
      /failed to call webhook: couldn't get version\/kind; json parse error: invalid character '<' looking for beginning of value$/,
    ],
    nothing: [
      (_, response) => void response.end(),
      /failed to call webhook: 0-length response with status code: 200 and content type: $/,
    ],
    number: [
      (_, response) => void response.end('1'),
      /cannot unmarshal number into Go value of type struct/,
    ],
    unkind: [
      (_, response) => void response.end('{}'),
      /expected webhook response of admission.k8s.io\/v1, Kind=AdmissionReview, got \/, Kind=$/,
    ],
    mistyped: [
      review(() => ({ allowed: 'true' })),
      /json: cannot unmarshal response.allowed, which is not what AdmissionResponse has there$/,
    ],
    redirect: [
      (_, response) => void response.writeHead(302, { location: '/allow' }).end(),
      /failed to call webhook: the server responded with the status code 302 but did not return more information$/,
    ],
    'long-refusal': [
      (_, response) => void response.writeHead(403).end('x'.repeat(3_000)),
      /failed to call webhook: x{2048}$/,
    ],
    forbids: [(_, response) => void response.writeHead(403).end('who are you'), /who are you$/],
    status: [
      (_, response) =>
        void response
          .writeHead(500, { 'content-type': 'application/json' })
          .end('{"kind":"Status","apiVersion":"v1","status":"Failure","message":"out of order"}'),
      /failed to call webhook: out of order$/,
    ],
    gigabytes: [
      (_, response) => pour(response),
      /failed to call webhook: the answer is longer than answerBytesMax \(8388608\)$/,
    ],
    cut: [
      (_, response) =>
        void response
          .writeHead(200, { 'content-length': '99' })
          .write('{', () => response.destroy()),
      /failed to call webhook: Post "https:/,
    ],
  };
  for (const [path, [answering, message]] of Object.entries(answers)) {
    test(`one that answers with ${path} is told of, or ignored where it may be`, async () => {
      await using scene = await Scene.open({ [`/${path}`]: answering, '/allow': allow });
      await scene.configure('Validating', 'a', [{ path }]);
      const { json } = await scene.server.expect(500, 'POST', configMaps, { body: configMap('a') });
      assert.match(json.message, message);
      assert.equal(json.reason, 'InternalError');
      const deleted = `${configurations}/validatingwebhookconfigurations/a`;
      await scene.server.expect(200, 'DELETE', deleted);
      await scene.configure('Mutating', 'b', [{ path, failurePolicy: 'Ignore' }]);
      await scene.server.expect(201, 'POST', configMaps, { body: configMap('a') });
    });
  }

  test('a patch that breaks the object is the fault of its webhook, whatever its policy', async () => {
    const patches: Readonly<Record<string, readonly [object, number, RegExp]>> = {
      kind: [
        jsonPatch({ op: 'replace', path: '/kind', value: 'Secret' }),
        500,
        /the patch makes another kind of object of v1, Kind=ConfigMap: v1, Kind=Secret$/,
      ],
      type: [
        jsonPatch({ op: 'replace', path: '/data', value: 'text' }),
        500,
        /json: cannot unmarshal string into Go struct field ConfigMap.data of type map\[string\]string$/,
      ],
      all: [jsonPatch({ op: 'replace', path: '', value: [] }), 500, /the patch leaves no object$/],
      namespace: [
        jsonPatch({ op: 'replace', path: '/metadata/namespace', value: 'kube-system' }),
        400,
        /the namespace of the provided object does not match the namespace sent on the request$/,
      ],
      list: [
        { allowed: true, patchType: 'JSONPatch', patch: base64('{"op":"add"}') },
        500,
        /received undecodable patch in webhook response: json: cannot unmarshal object into Go value/,
      ],
      missing: [
        jsonPatch({ op: 'remove', path: '/data/none' }),
        500,
        /error in remove for path: '\/data\/none': Unable to remove nonexistent key: none: missing value$/,
      ],
      test: [
        jsonPatch({ op: 'test', path: '/data/k', value: 'w' }),
        500,
        /testing value \/data\/k failed: test failed$/,
      ],
    };
    const webhooks = Object.entries(patches).map(([path]) => ({
      path,
      objectSelector: { matchLabels: { broken: path } },
    }));
    await using scene = await Scene.open(
      Object.fromEntries(
        Object.entries(patches).map(([path, [answer]]) => [`/${path}`, review(() => answer)]),
      ),
    );
    await scene.configure('Mutating', 'a', webhooks);
    for (const [path, [, code, message]] of Object.entries(patches)) {
      const body = configMap('a', { broken: path });
      const { json } = await scene.server.expect(code, 'POST', configMaps, { body });
      assert.match(json.message, message);
    }
  });
});

suite('admission webhooks', () => {
  test('the configurations that could not be mended otherwise are never asked about', async () => {
    await using scene = await Scene.open({ '/deny': deny });
    const { server } = scene;
    const all = { operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'] };
    await scene.configure('Validating', 'deny', [{ path: 'deny', rules: [all] }]);
    await scene.configure('Mutating', 'deny', [{ path: 'deny', rules: [all] }]);
    await server.expect(400, 'POST', configMaps, { body: configMap('a') });
    const path = `${configurations}/validatingwebhookconfigurations/deny`;
    await server.expect(200, 'DELETE', path);
    await server.expect(200, 'DELETE', path.replace('validating', 'mutating'));
    for (let turn = 0; turn < 20; turn++) await settle();
    await server.expect(201, 'POST', configMaps, { body: configMap('a') });
  });

  test('a dry run asks none that might do something', async () => {
    await using scene = await Scene.open({ '/allow': allow });
    const { server, webhook } = scene;
    // Only what an earlier version has stored can say so.
    await scene.configure('Validating', 'a', [{ path: 'allow', sideEffects: 'NoneOnDryRun' }]);
    await server.expect(201, 'POST', `${configMaps}?dryRun=All`, { body: configMap('a') });
    const [received] = webhook.takeReceived();
    assert.equal(received?.body.request['dryRun'], true);
    assert.deepEqual(received.body.request['options'].dryRun, ['All']);
  });

  test('mutating ones are asked in the order of their configurations, each about the last outcome', async () => {
    const note = (letter: string): Answering =>
      review(({ body }) => {
        const said = (body.request['object'].data.said ?? '') as string;
        return jsonPatch({ op: 'add', path: '/data/said', value: said + letter });
      });
    await using scene = await Scene.open({ '/a': note('a'), '/b': note('b'), '/c': note('c') });
    await scene.configure('Mutating', 'second', [{ path: 'c' }]);
    await scene.configure('Mutating', 'first', [{ path: 'b' }, { path: 'a' }]);
    const { json } = await scene.server.expect(201, 'POST', configMaps, { body: configMap('x') });
    assert.equal(json['data'].said, 'bac');
  });

  test('validating ones are asked at once, and each refusal is enough', async () => {
    let waiting = 0;
    const both = Promise.withResolvers<void>();
    const together =
      (answering: Answering): Answering =>
      (received, response) => {
        if ((waiting += 1) === 2) both.resolve();
        void both.promise.then(() => answering(received, response));
      };
    const other = review(() => ({
      allowed: false,
      status: { code: 418, reason: 'Teapot', message: 'short and stout' },
    }));
    await using scene = await Scene.open({ '/deny': together(deny), '/other': together(other) });
    await scene.configure('Validating', 'a', [{ path: 'deny' }, { path: 'other' }]);
    const { status, json } = await scene.server.request('POST', configMaps, {
      body: configMap('x'),
    });
    const told = [
      [400, 'admission webhook "deny.example.com" denied the request: no'],
      [418, 'admission webhook "other.example.com" denied the request: short and stout'],
    ];
    assert.ok(told.some(([code, message]) => code === status && message === json.message));
  });

  test('v1beta1 is spoken with those that know no other', async () => {
    await using scene = await Scene.open({
      '/old': review(({ body }) => ({
        allowed: true,
        uid: undefined,
        patch: base64(JSON.stringify([{ op: 'add', path: '/data/said', value: body.apiVersion }])),
      })),
    });
    await scene.configure('Mutating', 'a', [
      { path: 'old', admissionReviewVersions: ['v2', 'v1beta1', 'v1'] },
    ]);
    const { json } = await scene.server.expect(201, 'POST', configMaps, { body: configMap('x') });
    assert.equal(json['data'].said, 'admission.k8s.io/v1beta1');
  });

  test('what a patch adds gets its defaults, and unknown fields are dropped', async () => {
    const port = { port: 80, odd: 1 };
    await using scene = await Scene.open({
      '/port': review(() => jsonPatch({ op: 'add', path: '/spec/ports', value: [port] })),
    });
    const rules = [{ ...creates, resources: ['services'] }];
    await scene.configure('Mutating', 'a', [{ path: 'port', rules }]);
    const { json } = await scene.server.expect(201, 'POST', '/api/v1/namespaces/default/services', {
      body: { metadata: { name: 's' }, spec: { selector: { a: 'b' } } },
    });
    assert.deepEqual(json['spec'].ports, [{ port: 80, protocol: 'TCP', targetPort: 80 }]);
  });

  test('a custom resource is pruned and gets its defaults after a patch', async () => {
    await using scene = await Scene.open({
      '/lamp': review(() =>
        jsonPatch({ op: 'add', path: '/spec', value: { watts: 5, unknown: true } }),
      ),
    });
    const { server } = scene;
    const properties = {
      watts: { type: 'integer' },
      color: { type: 'string', default: 'white' },
    };
    const schema = {
      openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties } } },
    };
    const body = {
      metadata: { name: 'lamps.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { plural: 'lamps', kind: 'Lamp' },
        versions: [{ name: 'v1', served: true, storage: true, schema }],
      },
    };
    const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    await server.expect(201, 'POST', definitions, { body });
    const rules = [{ ...creates, apiGroups: ['example.com'], resources: ['lamps'] }];
    await scene.configure('Mutating', 'a', [{ path: 'lamp', rules }]);
    const lamp = { apiVersion: 'example.com/v1', kind: 'Lamp', metadata: { name: 'a' } };
    const { json } = await server.expect(
      201,
      'POST',
      '/apis/example.com/v1/namespaces/default/lamps',
      { body: lamp },
    );
    assert.deepEqual(json['spec'], { watts: 5, color: 'white' });
  });

  test('warnings beyond four thousand characters are cut, each to 256', async () => {
    const warnings = Array.from({ length: 30 }, (_, at) => `${at}`.padEnd(300, 'x'));
    await using scene = await Scene.open({
      '/warn': review(() => ({ allowed: true, warnings })),
    });
    await scene.configure('Validating', 'a', [{ path: 'warn' }]);
    const { headers } = await scene.server.expect(201, 'POST', configMaps, {
      body: configMap('x'),
    });
    const told = headers['warning'] as readonly string[];
    assert.equal(told.length, 16);
    assert.equal(told[0], `299 - "${warnings[0]?.slice(0, 256)}"`);
  });

  test('a scale is changed as a scale', async () => {
    await using scene = await Scene.open({
      '/three': review(() => jsonPatch({ op: 'add', path: '/spec/replicas', value: 3 })),
    });
    const { server } = scene;
    const labels = { a: 'b' };
    const container = { name: 'main', image: 'app' };
    const deployment = {
      metadata: { name: 'd' },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [container] } },
      },
    };
    const deployments = '/apis/apps/v1/namespaces/default/deployments';
    await server.expect(201, 'POST', deployments, { body: deployment });
    const rule = {
      apiGroups: ['*'],
      apiVersions: ['*'],
      operations: ['UPDATE'],
      resources: ['*/scale'],
    };
    await scene.configure('Mutating', 'a', [{ path: 'three', rules: [rule] }]);
    const { json } = await server.expect(200, 'PATCH', `${deployments}/d/scale`, {
      headers: { 'content-type': 'application/merge-patch+json' },
      body: { spec: { replicas: 9 } },
    });
    assert.equal(json['spec'].replicas, 3);
    const stored = await server.expect(200, 'GET', `${deployments}/d`);
    assert.equal(stored.json['spec'].replicas, 3);
  });

  test('one that is missing keeps no server from starting', async () => {
    const first = await startTestServer();
    const webhook = {
      name: 'all.example.com',
      clientConfig: { url: 'https://127.0.0.1:9/' },
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      rules: [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'] }],
    };
    const path = `${configurations}/validatingwebhookconfigurations`;
    const body = { metadata: { name: 'all' }, webhooks: [webhook] };
    await first.expect(
      200,
      'DELETE',
      '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/system:basic-user',
    );
    await first.expect(201, 'POST', path, { body });
    await using _ = first;
    await first.api.close();
    await using again = await startTestServer({ openStore: async () => first.store });
    await again.expect(
      200,
      'GET',
      '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/system:basic-user',
    );
    await again.expect(500, 'POST', configMaps, { body: configMap('a') });
  });

  test('behind a service, one is asked at an endpoint that is ready', async () => {
    const asked: (WebhookEndpoint | undefined)[] = [];
    const refuse: NonNullable<Dial['webhook']> = (endpoint) => async () => {
      asked.push(endpoint);
      throw new Error('not today');
    };
    await using server = await startTestServer({ dial: { webhook: refuse } });
    const service = { namespace: 'default', name: 'policy', port: 8443, path: '/pods' };
    const webhook = {
      name: 'policy.example.com',
      clientConfig: { service },
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      rules: [creates],
    };
    const path = `${configurations}/validatingwebhookconfigurations`;
    await server.expect(201, 'POST', path, {
      body: { metadata: { name: 'a' }, webhooks: [webhook] },
    });
    for (let turn = 0; turn < 20; turn++) await settle();
    const why = async (): Promise<string> => {
      const { json } = await server.expect(500, 'POST', configMaps, { body: configMap('a') });
      const said = /Post "https:\/\/policy.default.svc:8443\/pods\?timeout=10s": (.*)$/;
      return said.exec(json.message)?.[1] ?? json.message;
    };
    assert.equal(await why(), 'service "policy" not found');
    const services = '/api/v1/namespaces/default/services';
    await server.expect(201, 'POST', services, {
      body: { metadata: { name: 'policy' }, spec: { ports: [{ name: 'web', port: 443 }] } },
    });
    assert.equal(await why(), 'no service port 8443 found for service "policy"');
    await server.expect(200, 'PATCH', `${services}/policy`, {
      headers: { 'content-type': 'application/merge-patch+json' },
      body: { spec: { ports: [{ name: 'web', port: 8443 }] } },
    });
    assert.equal(await why(), 'no endpoints available for service "policy"');
    const slice = {
      metadata: { name: 'policy', labels: { 'kubernetes.io/service-name': 'policy' } },
      addressType: 'IPv4',
      ports: [{ name: 'web', port: 9443 }],
      endpoints: [
        { addresses: ['192.0.2.1'], conditions: { ready: false } },
        { addresses: ['192.0.2.2'], conditions: { ready: true } },
      ],
    };
    await server.expect(
      201,
      'POST',
      '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices',
      {
        body: slice,
      },
    );
    for (let turn = 0; turn < 20; turn++) await settle();
    assert.equal(await why(), 'not today');
    assert.deepEqual(asked, [
      {
        scheme: 'https',
        host: 'policy.default.svc',
        port: 8443,
        service: { namespace: 'default', name: 'policy' },
        backend: { scheme: 'https', host: '192.0.2.2', port: 9443 },
      },
    ]);
  });

  test('switched off, they are stored and never asked', async () => {
    await using webhook = await new WebhookServer(() => deny).listen();
    using road = new WebhookRoad();
    const disabledAdmissionPlugins = ['MutatingAdmissionWebhook', 'ValidatingAdmissionWebhook'];
    await using server = await startTestServer({
      dial: { webhook: road.webhook },
      disabledAdmissionPlugins,
    });
    const body = {
      metadata: { name: 'a' },
      webhooks: [
        {
          name: 'deny.example.com',
          clientConfig: { url: webhook.url, caBundle: webhook.caBundle },
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
          rules: [creates],
        },
      ],
    };
    const path = `${configurations}/validatingwebhookconfigurations`;
    await server.expect(201, 'POST', path, { body });
    for (let turn = 0; turn < 20; turn++) await settle();
    await server.expect(201, 'POST', configMaps, { body: configMap('a') });
    assert.equal(webhook.takeReceived().length, 0);
  });
});
