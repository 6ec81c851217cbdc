import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditOptions, Dial } from '@fairway/apiserver';
import { AuditLog, readAuditPolicy } from '@fairway/apiserver/audit';
import { type TestServer, admin, startTestServer } from '@fairway/apiserver/testing';
import { settle } from '@fairway/host/testing';
import { collectBody } from '@fairway/protocol';

// oxlint-disable-next-line typescript/no-explicit-any -- tests reach into any event
type Event = any;

interface Audited {
  readonly server: TestServer;
  /** The events so far, without those of the server itself. */
  events(): Promise<readonly Event[]>;
  /** All that was written so far. */
  readonly text: () => string;
}

async function startAudited(
  rules: string,
  options: {
    readonly mode?: 'blocking' | 'blocking-strict';
    readonly more?: string;
    readonly server?: Parameters<typeof startTestServer>[0];
    readonly append?: (text: string) => void;
    readonly format?: 'json' | 'legacy';
  } = {},
): Promise<Audited> {
  let text = '';
  const counts = new Map<string, number>();
  const append = options.append ?? ((line: string) => (text += line));
  const log = new AuditLog({
    lines: { append, [Symbol.asyncDispose]: async () => {} },
    format: options.format ?? 'json',
    mode: options.mode ?? 'blocking',
    lostEvents: { lost: (plugin, count) => counts.set(plugin, (counts.get(plugin) ?? 0) + count) },
  });
  const policy = readAuditPolicy(
    `apiVersion: audit.k8s.io/v1\nkind: Policy\n${options.more ?? ''}\nrules: ${rules}`,
  );
  const audit: AuditOptions = { policy, backends: [log], lostEvents: counts };
  const server = await startTestServer({ ...options.server, audit });
  return {
    server,
    text: () => text,
    async events() {
      await settle();
      const lines = text.split('\n').filter((line) => line !== '');
      const events = lines.map((line): Event => JSON.parse(line));
      return events.filter(({ user }) => user.username !== 'system:apiserver');
    },
  };
}

const configMaps = '/api/v1/namespaces/default/configmaps';
const everything = '[{level: Metadata}]';

test('a request is told of when it comes and when it is answered, by whom and why it may be', async () => {
  const { server, events } = await startAudited(everything);
  await using _ = server;
  const headers = {
    'audit-id': 'mine',
    'user-agent': 'kubectl/v1.36.0',
    'x-forwarded-for': '192.0.2.9',
  };
  const body = { metadata: { name: 'a' }, data: { a: 'b' } };
  const { json } = await server.expect(201, 'POST', `${configMaps}?fieldManager=x`, {
    headers,
    body,
  });
  const about = {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Metadata',
    auditID: 'mine',
    requestURI: `${configMaps}?fieldManager=x`,
    verb: 'create',
    user: { username: 'admin', groups: ['system:masters', 'system:authenticated'] },
    sourceIPs: ['192.0.2.9'],
    userAgent: 'kubectl/v1.36.0',
    requestReceivedTimestamp: '2026-01-01T00:00:00.000000Z',
    stageTimestamp: '2026-01-01T00:00:00.000000Z',
  };
  const place = { resource: 'configmaps', namespace: 'default', apiVersion: 'v1' };
  assert.deepEqual(await events(), [
    { ...about, stage: 'RequestReceived', objectRef: place },
    {
      ...about,
      stage: 'ResponseComplete',
      objectRef: { ...place, name: 'a', uid: json.metadata.uid },
      responseStatus: { metadata: {}, code: 201 },
      annotations: {
        'authorization.k8s.io/decision': 'allow',
        'authorization.k8s.io/reason': '',
      },
    },
  ]);
});

test('a refusal is told with its Status, and a deletion with what it answers', async () => {
  const { server, events } = await startAudited(
    '[{level: Metadata, omitStages: [RequestReceived]}]',
  );
  await using _ = server;
  await server.expect(404, 'DELETE', `${configMaps}/none`);
  await server.expect(201, 'POST', configMaps, { body: { metadata: { name: 'a' } } });
  await server.expect(200, 'DELETE', `${configMaps}/a`);
  const [refused, , deleted] = await events();
  assert.deepEqual(refused.responseStatus, {
    metadata: {},
    status: 'Failure',
    message: 'configmaps "none" not found',
    reason: 'NotFound',
    details: { name: 'none', kind: 'configmaps' },
    code: 404,
  });
  assert.equal(deleted.responseStatus.status, 'Success');
  assert.equal(deleted.responseStatus.details.name, 'a');
});

test('a denial says forbid and who was impersonated', async () => {
  const { server, events } = await startAudited(
    '[{level: Metadata, omitStages: [RequestReceived]}]',
  );
  await using _ = server;
  const headers = { 'impersonate-user': 'bob', 'impersonate-group': 'devs' };
  await server.expect(403, 'GET', configMaps, { headers });
  const [event] = await events();
  assert.equal(event.user.username, admin.username);
  assert.deepEqual(event.impersonatedUser, {
    username: 'bob',
    groups: ['devs', 'system:authenticated'],
  });
  assert.equal(event.annotations['authorization.k8s.io/decision'], 'forbid');
  assert.equal(event.responseStatus.reason, 'Forbidden');
});

test('who cannot prove who he is is told of, without what he showed', async () => {
  const { server, text } = await startAudited(everything);
  await using _ = server;
  const headers = { authorization: 'Bearer not-a-token' };
  await server.expect(401, 'GET', configMaps, { headers, handler: server.api.handler });
  await settle();
  const lines = text()
    .split('\n')
    .filter((line) => line.includes('Authentication failed'));
  assert.equal(lines.length, 1);
  const event: Event = JSON.parse(lines[0] ?? '');
  assert.deepEqual([event.stage, event.user], ['ResponseStarted', {}]);
  assert.deepEqual(event.responseStatus, {
    metadata: {},
    message: 'Authentication failed, attempted: bearer',
    code: 401,
  });
  assert.ok(!text().includes('not-a-token'));
});

test('a watch is told of when it begins and when it ends', async () => {
  const { server, events } = await startAudited('[{level: RequestResponse}]');
  await using _ = server;
  const watch = await server.watch('/api/v1/configmaps?watch=1');
  const stages = async (): Promise<string[]> => (await events()).map(({ stage }) => stage);
  assert.deepEqual(await stages(), ['RequestReceived', 'ResponseStarted']);
  await watch[Symbol.asyncDispose]();
  assert.deepEqual(await stages(), ['RequestReceived', 'ResponseStarted', 'ResponseComplete']);
});

const manifest = `apiVersion: v1
kind: ConfigMap
metadata: {name: b, namespace: default}
data: {hello: world}
`;

test('at Request the object of the request is told, in whatever form it came', async () => {
  const { server, events } = await startAudited(
    '[{level: Request, omitStages: [RequestReceived]}]',
  );
  await using _ = server;
  await server.expect(201, 'POST', configMaps, {
    body: { metadata: { name: 'a' }, data: { x: 'y' } },
  });
  const apply = { 'content-type': 'application/apply-patch+yaml' };
  await server.expect(201, 'PATCH', `${configMaps}/b?fieldManager=x`, {
    headers: apply,
    body: manifest,
  });
  const patch = { 'content-type': 'application/json-patch+json' };
  const operations = [{ op: 'add', path: '/data/more', value: 'yes' }];
  await server.expect(200, 'PATCH', `${configMaps}/b`, { headers: patch, body: operations });
  const protobuf = { accept: 'application/vnd.kubernetes.protobuf' };
  const { bytes } = await server.expect(200, 'GET', `${configMaps}/b`, { headers: protobuf });
  const sent = { 'content-type': 'application/vnd.kubernetes.protobuf' };
  await server.expect(200, 'PUT', `${configMaps}/b`, { headers: sent, body: bytes });
  const [created, applied, patched, , replaced] = await events();
  assert.deepEqual(created.requestObject, { metadata: { name: 'a' }, data: { x: 'y' } });
  assert.equal(created.responseObject, undefined);
  assert.deepEqual(applied.requestObject.data, { hello: 'world' });
  assert.deepEqual(patched.requestObject, operations);
  assert.equal(replaced.requestObject.kind, 'ConfigMap');
  assert.deepEqual(replaced.requestObject.data, { hello: 'world', more: 'yes' });
});

test('at RequestResponse both are told, without managed fields where these are left out', async () => {
  const { server, events } = await startAudited(
    '[{level: RequestResponse, verbs: [create, list], omitStages: [RequestReceived]}]',
    { more: 'omitManagedFields: true' },
  );
  await using _ = server;
  await server.expect(201, 'POST', configMaps, {
    body: { metadata: { name: 'a' }, data: { x: 'y' } },
  });
  const large = { metadata: { name: 'large' }, data: { x: 'y'.repeat(200_000) } };
  await server.expect(201, 'POST', configMaps, { body: large });
  const { json } = await server.expect(200, 'GET', configMaps);
  const [created, , listed] = await events();
  assert.equal(created.responseObject.kind, 'ConfigMap');
  assert.ok(created.responseObject.metadata.uid.length > 0);
  assert.equal(created.responseObject.metadata.managedFields, undefined);
  // It was sent in pieces.
  assert.equal(listed.responseObject.items.length, json.items.length);
  const fields = listed.responseObject.items.map(({ metadata }: Event) => metadata.managedFields);
  assert.ok(fields.every((each: unknown) => each === undefined));
});

const hidden = 'aHVudGVyMg';

test('below RequestResponse no secret and no token is told, however it is sent or refused', async () => {
  const { server, text, events } = await startAudited('[{level: Request}]');
  await using _ = server;
  const secrets = '/api/v1/namespaces/default/secrets';
  const secret = { metadata: { name: 's' }, data: { password: `${hidden}==` } };
  await server.expect(201, 'POST', secrets, { body: secret });
  const apply = { 'content-type': 'application/apply-patch+yaml' };
  const yaml = JSON.stringify({ apiVersion: 'v1', kind: 'Secret', ...secret });
  await server.expect(200, 'PATCH', `${secrets}/s?fieldManager=x&force=true`, {
    headers: apply,
    body: yaml,
  });
  const merge = { 'content-type': 'application/merge-patch+json' };
  const change = { stringData: { token: hidden } };
  await server.expect(200, 'PATCH', `${secrets}/s`, { headers: merge, body: change });
  const broken = { metadata: { name: 't' }, data: { password: `${hidden}!not base64` } };
  await server.expect(400, 'POST', secrets, { body: broken });
  await server.expect(200, 'GET', secrets);
  const account = { metadata: { name: 'robot' } };
  await server.expect(201, 'POST', '/api/v1/namespaces/default/serviceaccounts', { body: account });
  const request = { spec: { audiences: ['x'] } };
  const tokens = '/api/v1/namespaces/default/serviceaccounts/robot/token';
  const { json } = await server.expect(201, 'POST', tokens, { body: request });
  const review = { spec: { token: json['status'].token } };
  await server.expect(201, 'POST', '/apis/authentication.k8s.io/v1/tokenreviews', { body: review });
  await settle();
  assert.ok(!text().includes(hidden), 'a secret is in the log');
  assert.ok(!text().includes(json['status'].token), 'a token is in the log');
  // They are told of, all the same.
  const told = (await events()).filter(({ objectRef }) => objectRef.resource === 'secrets');
  assert.ok(told.length >= 10 && told.every(({ level }) => level === 'Request'));
});

test('at RequestResponse secrets are told: who wrote the policy has asked for it', async () => {
  const { server, events } = await startAudited('[{level: RequestResponse}]');
  await using _ = server;
  const secret = { metadata: { name: 's' }, data: { password: `${hidden}==` } };
  await server.expect(201, 'POST', '/api/v1/namespaces/default/secrets', { body: secret });
  const complete = (await events()).at(-1);
  assert.equal(complete.requestObject.data.password, `${hidden}==`);
  assert.equal(complete.responseObject.data.password, `${hidden}==`);
});

test('what the server fails at is told as a panic', async () => {
  const failing = {
    name: 'Failing',
    operations: ['CREATE'],
    resources: ['/configmaps'],
    admit: async ({ name, user }: { name: string; user: { username: string } }) => {
      if (user.username === 'admin') throw new Error(`no ${name}`);
    },
  } as const;
  const { server, events } = await startAudited(everything, {
    server: { admissionPlugins: [failing] },
  });
  const answer = await server.request('POST', configMaps, { body: { metadata: { name: 'a' } } });
  assert.equal(answer.status, 500);
  const last = (await events()).at(-1);
  assert.equal(last.stage, 'Panic');
  assert.equal(last.responseStatus.code, 500);
  // The server logs such a failure, which the end of a test server takes for one of the test.
  await assert.rejects(async () => server[Symbol.asyncDispose](), /logged failures of its own/);
});

test('what admission notes is told', async () => {
  const noting = {
    name: 'Noting',
    operations: ['CREATE'],
    resources: ['/configmaps'],
    admit: async ({ annotate }: { annotate: (key: string, value: string) => void }) =>
      annotate('noting.example.com/seen', 'yes'),
  } as const;
  const { server, events } = await startAudited(everything, {
    server: { admissionPlugins: [noting] },
  });
  await using _ = server;
  await server.expect(201, 'POST', configMaps, { body: { metadata: { name: 'a' } } });
  const [received, complete] = await events();
  assert.equal(received.annotations, undefined);
  assert.equal(complete.annotations['noting.example.com/seen'], 'yes');
});

/** Of everything it is asked about it changes a label, and the data of secrets. */
const changing: Dial = {
  webhook:
    () =>
    async ({ body }) => {
      const review = JSON.parse(Buffer.from(await collectBody(body)).toString());
      const { uid, kind } = review.request;
      const patch = [
        { op: 'add', path: '/metadata/labels', value: { seen: 'yes' } },
        ...(kind.kind === 'Secret'
          ? [{ op: 'add', path: '/data', value: { p: `${hidden}==` } }]
          : []),
      ];
      const response = {
        uid,
        allowed: true,
        patchType: 'JSONPatch',
        patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
      };
      const said = { kind: review.kind, apiVersion: review.apiVersion, response };
      return { status: 200, headers: {}, body: Buffer.from(JSON.stringify(said)) };
    },
};

test('what webhooks change is told where bodies of requests are, of secrets at RequestResponse only', async () => {
  const secrets = '/api/v1/namespaces/default/secrets';
  const resources = ['configmaps', 'secrets'];
  const webhook = {
    name: 'change.example.com',
    clientConfig: { url: 'https://hooks.example.com' },
    rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources }],
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
  };
  const configurations = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
  const about = '{"configuration":"c","webhook":"change.example.com",';
  const label = '{"op":"add","path":"/metadata/labels","value":{"seen":"yes"}}';
  const patched = (operations: string): string =>
    `${about}"patch":[${operations}],"patchType":"JSONPatch"}`;
  const data = `{"op":"add","path":"/data","value":{"p":"${hidden}=="}}`;
  for (const [level, ofMap, ofSecret] of [
    ['Metadata', undefined, undefined],
    ['Request', patched(label), undefined],
    ['RequestResponse', patched(label), patched(`${label},${data}`)],
  ] as const) {
    const { server, events } = await startAudited(
      `[{level: ${level}, verbs: [create], omitStages: [RequestReceived], resources: [{resources: [configmaps, secrets]}]}]`,
      { server: { dial: changing } },
    );
    await using _ = server;
    const body = { metadata: { name: 'c' }, webhooks: [webhook] };
    await server.expect(201, 'POST', configurations, { body });
    await settle();
    for (const path of [configMaps, secrets]) {
      await server.expect(201, 'POST', path, { body: { metadata: { name: 'a' } } });
    }
    const place = 'webhook.admission.k8s.io/round_0_index_0';
    const told = (await events()).map(({ annotations }) => annotations);
    const said = `${about}"mutated":true}`;
    assert.deepEqual(
      told.map((each) => each[`mutation.${place}`]),
      [said, said],
      level,
    );
    assert.deepEqual(
      told.map((each) => each[`patch.${place}`]),
      [ofMap, ofSecret],
      level,
    );
  }
});

const full = (): never => {
  throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
};

test('a log that cannot be written refuses requests in blocking-strict, and is counted otherwise', async () => {
  let isFull = false;
  const append = (): void => (isFull ? full() : undefined);
  const { server: strict } = await startAudited(everything, { mode: 'blocking-strict', append });
  const { server: blocking } = await startAudited(everything, { append });
  await using _ = strict;
  await using _2 = blocking;
  isFull = true;
  const body = { metadata: { name: 'a' } };
  const refused = await strict.expect(500, 'POST', configMaps, { body });
  assert.equal(refused.json.message, 'Internal error occurred: failed to store audit event');
  assert.deepEqual(refused.json.details?.causes, [{ message: 'failed to store audit event' }]);
  await blocking.expect(201, 'POST', configMaps, { body });
  isFull = false;
  await strict.expect(404, 'GET', `${configMaps}/a`);
  await blocking.expect(200, 'GET', `${configMaps}/a`);
  const { text } = await strict.expect(200, 'GET', '/metrics');
  assert.match(text, /^apiserver_audit_requests_rejected_total 1$/m);
  const { text: counted } = await blocking.expect(200, 'GET', '/metrics');
  assert.match(counted, /^apiserver_audit_error_total\{plugin="log"\} 2$/m);
  assert.match(counted, /^apiserver_audit_event_total \d+$/m);
  assert.match(counted, /^apiserver_audit_level_total\{level="Metadata"\} \d+$/m);
});

test('what the policy does not name is not told', async () => {
  const { server, events } = await startAudited('[{level: None, verbs: [get]}, {level: Metadata}]');
  await using _ = server;
  await server.expect(404, 'GET', `${configMaps}/a`);
  await server.expect(200, 'GET', '/version');
  assert.deepEqual(await events(), []);
});

test('the legacy format is a line of words', async () => {
  const lines: string[] = [];
  const append = (text: string): void => void lines.push(...text.trimEnd().split('\n'));
  const { server } = await startAudited('[{level: Metadata, users: [admin]}]', {
    format: 'legacy',
    append,
  });
  await using _ = server;
  const headers = { 'audit-id': 'mine', 'user-agent': 'a "test"' };
  await server.expect(404, 'GET', `${configMaps}/a`, { headers });
  await settle();
  const about = `2026-01-01T00:00:00.000000Z AUDIT: id="mine" stage="%" ip="<unknown>" method="get" user="admin" groups="\\"system:masters\\",\\"system:authenticated\\"" as="<self>" asgroups="<lookup>" user-agent="a \\"test\\"" namespace="default" uri="${configMaps}/a" response="%"`;
  const filled = (stage: string, response: string): string =>
    about.replace('%', stage).replace('%', response);
  assert.deepEqual(lines, [
    filled('RequestReceived', '<deferred>'),
    filled('ResponseComplete', '404'),
  ]);
});
