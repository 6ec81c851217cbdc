import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TestServer, admin, startTestServer } from '@fairway/apiserver/testing';
import type { Dial } from '@fairway/apiserver';
import { settle } from '@fairway/host/testing';
import { apiError, collectBody } from '@fairway/protocol';
import { type Store, StoreUnavailableError, createMemoryStore } from '@fairway/store';

/** Every series and its value. Labels are in the order that is sent. */
async function seriesOf(server: TestServer): Promise<ReadonlyMap<string, number>> {
  const { text } = await server.expect(200, 'GET', '/metrics');
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space), Number(line.slice(space + 1))];
    }),
  );
}

async function valueOf(server: TestServer, series: string): Promise<number | undefined> {
  return (await seriesOf(server)).get(series);
}

const configMaps = '/api/v1/namespaces/default/configmaps';
const configMap = (name: string) => ({ metadata: { name }, data: { a: 'b' } });

function requests(about: {
  readonly verb: string;
  readonly scope: string;
  readonly code: number;
  readonly resource?: string;
  readonly dryRun?: string;
}): string {
  const { verb, scope, code, resource = 'configmaps', dryRun = '' } = about;
  const place = `group="",version="v1",resource="${resource}",subresource=""`;
  const labels = `verb="${verb}",dry_run="${dryRun}",${place},scope="${scope}"`;
  return `apiserver_request_total{${labels},component="apiserver",code="${code}"}`;
}

test('requests are counted by verb, scope, dry run and code', async () => {
  await using server = await startTestServer();
  const first = await seriesOf(server);
  await server.expect(201, 'POST', `${configMaps}?dryRun=All`, { body: configMap('a') });
  await server.expect(201, 'POST', configMaps, { body: configMap('a') });
  await server.expect(409, 'POST', configMaps, { body: configMap('a') });
  await server.expect(200, 'GET', `${configMaps}/a`);
  await server.expect(404, 'GET', `${configMaps}/b`);
  await server.expect(200, 'GET', configMaps);
  await server.expect(200, 'GET', '/api/v1/configmaps');
  const patch = { headers: { 'content-type': 'application/merge-patch+json' }, body: {} };
  await server.expect(200, 'PATCH', `${configMaps}/a`, patch);
  const apply = { headers: { 'content-type': 'application/apply-patch+yaml' } };
  const body = { apiVersion: 'v1', kind: 'ConfigMap', ...configMap('a') };
  await server.expect(200, 'PATCH', `${configMaps}/a?fieldManager=x&force=true`, {
    ...apply,
    body,
  });
  await server.expect(200, 'DELETE', configMaps);
  const counts: [string, number][] = [
    [requests({ verb: 'POST', dryRun: 'All', scope: 'resource', code: 201 }), 1],
    [requests({ verb: 'POST', scope: 'resource', code: 201 }), 1],
    [requests({ verb: 'POST', scope: 'resource', code: 409 }), 1],
    [requests({ verb: 'GET', scope: 'resource', code: 200 }), 1],
    [requests({ verb: 'GET', scope: 'resource', code: 404 }), 1],
    [requests({ verb: 'LIST', scope: 'namespace', code: 200 }), 1],
    [requests({ verb: 'LIST', scope: 'cluster', code: 200 }), 1],
    [requests({ verb: 'PATCH', scope: 'resource', code: 200 }), 1],
    [requests({ verb: 'APPLY', scope: 'resource', code: 200 }), 1],
    [requests({ verb: 'DELETECOLLECTION', scope: 'namespace', code: 200 }), 1],
  ];
  for (const [series, count] of counts) {
    // What a cluster starts with was written by requests, too.
    const counted = (await valueOf(server, series)) ?? 0;
    assert.equal(counted - (first.get(series) ?? 0), count, series);
  }
});

const listed =
  'verb="LIST",group="",version="v1",resource="configmaps",subresource="",scope="namespace",component="apiserver"';

test('the bytes of a list count, also of one that is sent in pieces', async () => {
  await using server = await startTestServer();
  const data = { large: 'x'.repeat(100_000) };
  for (const name of ['a', 'b']) {
    await server.expect(201, 'POST', configMaps, { body: { metadata: { name }, data } });
  }
  const { bytes } = await server.expect(200, 'GET', configMaps);
  assert.ok(bytes.length > 200_000);
  assert.equal(await valueOf(server, `apiserver_response_sizes_sum{${listed}}`), bytes.length);
});

test('the bytes of bodies that were read count, by what they do', async () => {
  await using server = await startTestServer();
  const before = await seriesOf(server);
  const text = JSON.stringify(configMap('a'));
  await server.expect(201, 'POST', configMaps, { body: Buffer.from(text) });
  async function* inPieces(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(text.slice(0, 10));
    yield Buffer.from(text.slice(10));
  }
  const { status } = await server.api.handlerFor(admin)({
    method: 'PUT',
    path: `${configMaps}/a`,
    query: '',
    headers: { 'content-type': 'application/json' },
    body: inPieces(),
    signal: new AbortController().signal,
  });
  assert.equal(status, 200);
  const headers = { 'content-type': 'application/merge-patch+json' };
  await server.expect(200, 'PATCH', `${configMaps}/a`, { headers, body: Buffer.from('{}') });
  await server.expect(200, 'DELETE', `${configMaps}/a`);
  await server.expect(200, 'DELETE', configMaps, { body: Buffer.from('{} ') });
  // What is refused for its length, goes nowhere or only reads counts nothing.
  await server.expect(413, 'POST', configMaps, { body: Buffer.alloc(3 * 1024 * 1024 + 1) });
  await server.expect(404, 'POST', '/apis/made.up/v1/things', { body: Buffer.from('{}') });
  await server.expect(200, 'GET', configMaps, { body: Buffer.from('{}') });
  const after = await seriesOf(server);
  const name = 'apiserver_request_body_size_bytes';
  const grown = (part: string, verb: string): number => {
    const series = `${name}_${part}{group="",resource="configmaps",verb="${verb}"}`;
    return (after.get(series) ?? 0) - (before.get(series) ?? 0);
  };
  const verbs = ['create', 'update', 'patch', 'delete', 'delete_collection'];
  assert.deepEqual(
    verbs.map((verb) => `${verb} ${grown('count', verb)} ${grown('sum', verb)}`),
    [
      `create 1 ${text.length}`,
      `update 1 ${text.length}`,
      'patch 1 2',
      'delete 1 0',
      'delete_collection 1 3',
    ],
  );
  assert.ok(
    ![...after.keys()].some((series) => series.startsWith(name) && /made|get/.test(series)),
  );
});

test('what the server refuses or cuts off so that it can go on is counted as that', async () => {
  const hanging = Promise.withResolvers<void>();
  const slow = {
    name: 'Slow',
    operations: ['CREATE'],
    resources: ['/configmaps'],
    validate: async ({ name }: { name: string }) => {
      if (name === 'held') await hanging.promise;
      if (name === 'busy') throw apiError('TooManyRequests', 'not because of the server');
    },
  } as const;
  await using server = await startTestServer({
    admissionPlugins: [slow],
    requestBounds: { isFair: false, requestsMax: 1, mutatingRequestsMax: 1 },
  });
  const handler = server.api.handlerFor({ username: 'ann', groups: [] });
  await server.expect(201, 'POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    body: {
      metadata: { name: 'ann' },
      roleRef: {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'ClusterRole',
        name: 'cluster-admin',
      },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'ann' }],
    },
  });
  await settle();
  const held = server.request('POST', configMaps, { handler, body: configMap('held') });
  await settle();
  await server.expect(429, 'POST', configMaps, { handler, body: configMap('a') });
  await server.expect(429, 'POST', configMaps, { body: configMap('busy') });
  await server.clock.advance(60_000);
  assert.equal((await held).status, 504);
  hanging.resolve();
  await settle();
  const terminations = [...(await seriesOf(server))].filter(([series]) =>
    series.startsWith('apiserver_request_terminations_total'),
  );
  const place =
    'group="",version="v1",resource="configmaps",subresource="",scope="resource",component="apiserver"';
  assert.deepEqual(
    new Map(terminations),
    new Map([
      [`apiserver_request_terminations_total{verb="POST",${place},code="429"}`, 1],
      [`apiserver_request_terminations_total{verb="POST",${place},code="504"}`, 1],
    ]),
  );
  assert.equal(await valueOf(server, requests({ verb: 'POST', scope: 'resource', code: 429 })), 2);
});

test('a watch is open until it ends, and none of the requests in flight', async () => {
  await using server = await startTestServer();
  const watches =
    'apiserver_longrunning_requests{verb="WATCH",group="",version="v1",resource="configmaps",subresource="",scope="cluster",component="apiserver"}';
  const watch = await server.watch('/api/v1/configmaps?watch=1');
  assert.equal(await valueOf(server, watches), 1);
  const inFlight = 'apiserver_current_inflight_requests{request_kind="readOnly"}';
  assert.equal(await valueOf(server, inFlight), 0);
  await watch[Symbol.asyncDispose]();
  assert.equal(await valueOf(server, watches), 0);
});

test('callers cannot make up series', async () => {
  await using server = await startTestServer();
  const before = (await server.expect(200, 'GET', '/metrics')).text.split('\n').length;
  for (let round = 0; round < 5; round++) {
    await server.request('GET', `/api/v1/namespaces/default/made-up-${round}`);
    await server.request('GET', `/apis/made.up/v${round}/things`);
    await server.request('GET', `/made-up-${round}`);
    await server.request('BREW', `${configMaps}/a`);
    await server.request('GET', `${configMaps}/a/made-up-${round}`);
  }
  for (let round = 0; round < 5; round++) await server.request('GET', `/readyz/made-up-${round}`);
  const { text } = await server.expect(200, 'GET', '/metrics');
  assert.ok(!text.includes('made'), 'a name of a caller became a series');
  const grown = text.split('\n').length - before;
  assert.ok(grown < 120, `${grown} lines more`);
});

test('who may not read the path is refused, and a monitoring role lets read it', async () => {
  await using server = await startTestServer();
  const asBob = server.api.handlerFor({ username: 'bob', groups: ['system:authenticated'] });
  const handler = server.api.handlerFor({
    username: 'prometheus',
    groups: ['system:authenticated', 'system:monitoring'],
  });
  for (const path of ['/metrics', '/metrics/slis']) {
    await server.expect(403, 'GET', path, { handler: asBob });
    const answer = await server.expect(200, 'GET', path, { handler });
    assert.equal(answer.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  }
  await server.expect(405, 'POST', '/metrics');
});

test('/metrics/slis tells what came of health checks', async () => {
  await using server = await startTestServer();
  await server.expect(200, 'GET', '/readyz');
  const { text } = await server.expect(200, 'GET', '/metrics/slis');
  assert.match(text, /^kubernetes_healthcheck\{name="etcd",type="readyz"\} 1$/m);
  assert.match(text, /^kubernetes_healthcheck\{name="ping",type="livez"\} 1$/m);
  const total = 'kubernetes_healthchecks_total{name="storage",type="readyz",status="success"}';
  // One for the probe, one for whoever reads.
  assert.ok(text.includes(`${total} 2\n`), text);
});

test('what the store is asked and what lies in it are told by what it is', async () => {
  await using server = await startTestServer();
  const stored = async (resource: string): Promise<number | undefined> =>
    valueOf(server, `apiserver_storage_objects{resource="${resource}"}`);
  const before = (await stored('configmaps')) ?? 0;
  await server.expect(201, 'POST', configMaps, { body: configMap('a') });
  await server.expect(201, 'POST', configMaps, { body: configMap('b') });
  await server.expect(200, 'DELETE', `${configMaps}/a`);
  assert.equal((await stored('configmaps')) ?? 0, before + 1);
  assert.equal(
    await stored('clusterroles.rbac.authorization.k8s.io'),
    await countOf(server, '/apis/rbac.authorization.k8s.io/v1/clusterroles'),
  );
  const series = await seriesOf(server);
  const place = 'group="",resource="configmaps"';
  assert.ok((series.get(`etcd_requests_total{operation="create",${place}}`) ?? 0) >= 2);
  assert.equal(series.get(`etcd_requests_total{operation="delete",${place}}`), 1);
  const roles = 'group="rbac.authorization.k8s.io",resource="clusterroles"';
  assert.ok(
    (series.get(`etcd_request_duration_seconds_count{operation="create",${roles}}`) ?? 0) > 50,
  );
  assert.equal(
    series.get('apiserver_resource_objects{group="",resource="configmaps"}'),
    before + 1,
  );
});

async function countOf(server: TestServer, path: string): Promise<number> {
  return (await server.expect(200, 'GET', path)).json.items.length;
}

test('what the store cannot do is counted, too', async () => {
  let isBroken = false;
  await using server = await startTestServer({
    openStore: async (options) => {
      const store = createMemoryStore(options);
      const create: Store['create'] = async (...asked) => {
        if (isBroken) throw new StoreUnavailableError('no space', { reason: 'the disk is full' });
        return store.create(...asked);
      };
      return new Proxy(store, {
        get: (target, name) => {
          if (name === 'create') return create;
          const value: unknown = Reflect.get(target, name);
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        },
      });
    },
  });
  isBroken = true;
  await server.expect(503, 'POST', configMaps, { body: configMap('a') });
  isBroken = false;
  const failed = 'etcd_request_errors_total{operation="create",group="",resource="configmaps"}';
  assert.equal(await valueOf(server, failed), 1);
  const refused = requests({ verb: 'POST', scope: 'resource', code: 503 });
  assert.equal(await valueOf(server, refused), 1);
});

test('events that watches are sent are counted, by whoever they are shared', async () => {
  await using server = await startTestServer();
  const sent = 'apiserver_watch_events_total{group="",version="v1",resource="configmaps"}';
  const before = (await valueOf(server, sent)) ?? 0;
  await using first = await server.watch(`${configMaps}?watch=1&resourceVersion=0`);
  await using second = await server.watch(`${configMaps}?watch=1`);
  await using chosen = await server.watch(`${configMaps}?watch=1&labelSelector=a%3Db`);
  await server.expect(201, 'POST', configMaps, { body: configMap('a') });
  const labelled = { metadata: { name: 'b', labels: { a: 'b' } } };
  await server.expect(201, 'POST', configMaps, { body: labelled });
  assert.deepEqual(await first.take(2), ['ADDED a', 'ADDED b']);
  assert.deepEqual(await second.take(2), ['ADDED a', 'ADDED b']);
  assert.deepEqual(await chosen.take(1), ['ADDED b']);
  assert.equal(((await valueOf(server, sent)) ?? 0) - before, 5);
});

test('plugins of admission are measured by phase, and whether they refused', async () => {
  const refusing = {
    name: 'Refusing',
    operations: ['CREATE'],
    resources: ['/configmaps'],
    validate: async ({ name }: { name: string }) => {
      if (name === 'bad') throw apiError('Forbidden', 'no');
    },
  } as const;
  await using server = await startTestServer({ admissionPlugins: [refusing] });
  const measured = (rejected: boolean): string =>
    `apiserver_admission_controller_admission_duration_seconds_count{name="Refusing",operation="CREATE",rejected="${rejected}",type="validate"}`;
  const first = await seriesOf(server);
  const before = first.get(measured(false)) ?? 0;
  await server.expect(201, 'POST', configMaps, { body: configMap('good') });
  await server.expect(403, 'POST', configMaps, { body: configMap('bad') });
  assert.equal(((await valueOf(server, measured(false))) ?? 0) - before, 1);
  assert.equal(await valueOf(server, measured(true)), 1);
  const step = (type: string, rejected: boolean): string =>
    `apiserver_admission_step_admission_duration_seconds_count{operation="CREATE",rejected="${rejected}",type="${type}"}`;
  const grown = async (type: string, rejected: boolean): Promise<number> =>
    ((await valueOf(server, step(type, rejected))) ?? 0) - (first.get(step(type, rejected)) ?? 0);
  assert.deepEqual([await grown('admit', false), await grown('admit', true)], [2, 0]);
  assert.deepEqual([await grown('validate', false), await grown('validate', true)], [1, 1]);
  const lifecycle =
    'apiserver_admission_controller_admission_duration_seconds_count{name="NamespaceLifecycle",operation="CREATE",rejected="false",type="admit"}';
  assert.ok(((await valueOf(server, lifecycle)) ?? 0) > 0);
});

test('who came in and what was decided is counted, without names', async () => {
  await using server = await startTestServer();
  const before = await seriesOf(server);
  const { handler } = server.api;
  const headers = { authorization: 'Bearer not-a-token' };
  await server.expect(401, 'GET', configMaps, { handler, headers });
  await server.expect(403, 'GET', configMaps, { handler });
  const after = await seriesOf(server);
  const grown = (series: string): number => (after.get(series) ?? 0) - (before.get(series) ?? 0);
  assert.equal(grown('authentication_attempts{result="failure"}'), 1);
  assert.equal(grown('authentication_attempts{result="success"}'), 1);
  assert.equal(grown('authenticated_user_requests{username="other"}'), 1);
  assert.equal(grown('authorization_attempts_total{result="no-opinion"}'), 1);
  // That of who reads the metrics.
  assert.equal(grown('authorization_attempts_total{result="allowed"}'), 1);
  assert.equal(grown('authentication_duration_seconds_count{result="failure"}'), 1);
});

const hidden = 'aHVudGVyMg==';

test('no value of a secret, and no token, is in the metrics', async () => {
  await using server = await startTestServer();
  const secret = { metadata: { name: 's', labels: { l: 'hunter2' } }, data: { password: hidden } };
  await server.expect(201, 'POST', '/api/v1/namespaces/default/secrets', { body: secret });
  const headers = { authorization: 'Bearer hunter2' };
  const query = '/api/v1/namespaces/default/secrets?labelSelector=l%3Dhunter2';
  await server.expect(401, 'GET', query, { handler: server.api.handler, headers });
  await server.expect(200, 'GET', query);
  const { text } = await server.expect(200, 'GET', '/metrics');
  assert.doesNotMatch(text, /hunter2|aHVudGVyMg/);
});

test('the process is told of where somebody knows it', async () => {
  const processFigures = async () => ({
    cpuSeconds: 1.5,
    residentBytes: 100,
    startedMs: 2_000,
    openFiles: 7,
    heapUsedBytes: 10,
    heapTotalBytes: 20,
  });
  await using server = await startTestServer({ processFigures });
  await seriesOf(server);
  const series = await seriesOf(server);
  assert.deepEqual(
    ['process_cpu_seconds_total', 'process_start_time_seconds', 'process_open_fds'].map((name) =>
      series.get(name),
    ),
    [1.5, 2, 7],
  );
  // What the system does not tell is left out.
  assert.equal(series.has('process_max_fds'), false);
});

test('webhooks are measured by what they say, and counted where they cannot be asked', async () => {
  const dial: Dial = {
    webhook:
      () =>
      async ({ path, body }) => {
        if (path === '/broken') throw new Error('nobody is there');
        const { request } = JSON.parse(Buffer.from(await collectBody(body)).toString());
        const said = { uid: request.uid, allowed: path === '/allow' };
        const review = {
          apiVersion: 'admission.k8s.io/v1',
          kind: 'AdmissionReview',
          response: said,
        };
        return {
          status: 200,
          headers: { 'content-type': 'application/json' },
          body: Buffer.from(JSON.stringify(review)),
        };
      },
  };
  await using server = await startTestServer({ dial });
  const hook = (name: string, failurePolicy: string) => ({
    name: `${name}.example.com`,
    clientConfig: { url: `https://hooks.example.com/${name.split('-')[0]}` },
    rules: [
      { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] },
    ],
    objectSelector: { matchLabels: { ask: name } },
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    failurePolicy,
  });
  const webhooks = [
    hook('allow', 'Fail'),
    hook('deny', 'Fail'),
    hook('broken-open', 'Ignore'),
    hook('broken-closed', 'Fail'),
  ];
  const configurations = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
  await server.expect(201, 'POST', configurations, { body: { metadata: { name: 'c' }, webhooks } });
  // Configurations are followed.
  await settle();
  const ask = async (code: number, name: string): Promise<void> => {
    const body = { metadata: { name, labels: { ask: name } } };
    await server.expect(code, 'POST', configMaps, { body });
  };
  await ask(201, 'allow');
  await ask(400, 'deny');
  await ask(201, 'broken-open');
  await ask(500, 'broken-closed');
  const series = await seriesOf(server);
  const told = (metric: string, labels: string): number | undefined =>
    series.get(`apiserver_admission_webhook_${metric}{${labels},type="validating"}`);
  const question = (code: number, name: string, rejected: boolean): number | undefined =>
    told(
      'request_total',
      `code="${code}",name="${name}.example.com",operation="CREATE",rejected="${rejected}"`,
    );
  assert.equal(question(200, 'allow', false), 1);
  assert.equal(question(400, 'deny', true), 1);
  assert.equal(told('fail_open_count', 'name="broken-open.example.com"'), 1);
  const rejection = (why: string, name: string, code: number): number | undefined =>
    told(
      'rejection_count',
      `error_type="${why}",name="${name}.example.com",operation="CREATE",rejection_code="${code}"`,
    );
  assert.equal(rejection('no_error', 'deny', 400), 1);
  assert.equal(rejection('calling_webhook_error', 'broken-closed', 0), 1);
  const allowed = 'name="allow.example.com",operation="CREATE",rejected="false"';
  assert.equal(told('admission_duration_seconds_count', allowed), 1);
});
