import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settle } from '@fairway/host/testing';
import type { Handler, HttpResponse, KubernetesObject, UserInfo } from '@fairway/protocol';
import { type TestServer, startTestServer } from '../src/testing.ts';

const api = '/apis/flowcontrol.apiserver.k8s.io/v1';
const schemas = `${api}/flowschemas`;
const levels = `${api}/prioritylevelconfigurations`;

const ann: UserInfo = { username: 'ann', groups: ['system:authenticated'] };
const bob: UserInfo = { username: 'bob', groups: ['system:authenticated'] };

/** Whoever asks may do everything, so that only fairness decides. */
async function allowEverything(server: TestServer): Promise<void> {
  const body = {
    metadata: { name: 'everything' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [
      { kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'system:authenticated' },
    ],
  };
  const path = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings';
  await server.expect(201, 'POST', path, { body });
  await settle();
}

/** A level of its own for some users, so narrow that each request of it is held. */
async function narrowLevel(server: TestServer, limitResponse: object): Promise<void> {
  const limited = { nominalConcurrencyShares: 1, limitResponse, borrowingLimitPercent: 0 };
  const level = { metadata: { name: 'narrow' }, spec: { type: 'Limited', limited } };
  await server.expect(201, 'POST', levels, { body: level });
  const rule = {
    subjects: ['ann', 'bob'].map((name) => ({ kind: 'User', user: { name } })),
    resourceRules: [
      { verbs: ['*'], apiGroups: [''], resources: ['*'], namespaces: ['*'], clusterScope: true },
    ],
  };
  const schema = {
    metadata: { name: 'narrow' },
    spec: {
      priorityLevelConfiguration: { name: 'narrow' },
      matchingPrecedence: 700,
      distinguisherMethod: { type: 'ByUser' },
      rules: [rule],
    },
  };
  await server.expect(201, 'POST', schemas, { body: schema });
  await settle();
}

/** So that each level has a seat or two. */
const few = { isFair: true, requestsMax: 2, mutatingRequestsMax: 2 };

/** A list, whose answer nobody reads yet. */
function askList(handler: Handler): Promise<HttpResponse> {
  return handler({
    method: 'GET',
    path: '/api/v1/configmaps',
    query: '',
    headers: {},
    body: undefined,
    signal: new AbortController().signal,
  });
}

/** A list whose answer is not read takes its seat until it is. */
function hold(handler: Handler): { readonly answer: Promise<Held> } {
  return {
    answer: askList(handler).then(({ status, headers, body }) => ({
      status,
      headers,
      read: async () => {
        assert.ok(body !== undefined && !(body instanceof Uint8Array), 'the list is no stream');
        await body[Symbol.asyncIterator]().return?.();
      },
    })),
  };
}

interface Held {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly read: () => Promise<void>;
}

/** So much that its list comes in pieces. */
async function fill(server: TestServer): Promise<void> {
  for (let at = 0; at < 12; at++) {
    const body = { metadata: { name: `big-${at}` }, data: { text: 'x'.repeat(200_000) } };
    await server.expect(201, 'POST', '/api/v1/namespaces/default/configmaps', { body });
  }
}

/** The cells of one level in a table that people look at, without the padding. */
async function dumped(server: TestServer, what: string, level: string): Promise<readonly string[]> {
  const { text } = await server.expect(200, 'GET', `/debug/api_priority_and_fairness/${what}`);
  const lines = text
    .trimEnd()
    .split('\n')
    .filter((line) => line.startsWith(`${level},`));
  return lines.map((line) => line.replaceAll(/, +/g, ','));
}

test('who may look sees what runs and waits, in the tables of a kube-apiserver', async () => {
  await using server = await startTestServer({ requestBounds: few });
  await allowEverything(server);
  await fill(server);
  await narrowLevel(server, { ...queue, queuing: { queues: 1, handSize: 1, queueLengthLimit: 2 } });
  const asAnn = server.api.handlerFor(ann);
  const first = await hold(asAnn).answer;
  await server.clock.advance(120);
  const waiting = [hold(asAnn), hold(server.api.handlerFor(bob))];
  await settle();
  assert.equal((await server.request('GET', '/api/v1/configmaps', { handler: asAnn })).status, 429);

  assert.deepEqual(await dumped(server, 'dump_priority_levels', 'narrow'), [
    'narrow,1,false,false,2,1,1,1,0,0',
  ]);
  const [queued = ''] = await dumped(server, 'dump_queues', 'narrow');
  assert.match(queued, /^narrow,0,2,1,1,0\.00300000ss,2,2,0\.00600000ss$/);
  const details = 'dump_requests?includeRequestDetails=1';
  const list = 'list,/api/v1/configmaps,,,v1,configmaps,';
  const [came, later] = ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.12Z'];
  assert.deepEqual(await dumped(server, details, 'narrow'), [
    `narrow,narrow,0,0,ann,${later},1,0,0s,0001-01-01T00:00:00Z,ann,${list}`,
    `narrow,narrow,0,1,bob,${later},1,0,0s,0001-01-01T00:00:00Z,bob,${list}`,
    `narrow,narrow,0,-1,ann,${came},1,0,0s,${came},ann,${list}`,
  ]);
  const [exempt = ''] = await dumped(server, 'dump_requests', 'exempt');
  assert.match(exempt, /^exempt,exempt,-1,-1,,[^,]+Z,1,0,0s,[^,]+Z$/);
  const { text } = await server.expect(200, 'GET', '/debug/api_priority_and_fairness/dump_queues');
  assert.match(
    text,
    /^PriorityLevelName, Index,  PendingRequests, ExecutingRequests, SeatsInUse, /,
  );

  await server.expect(404, 'GET', '/debug/api_priority_and_fairness/dump_everything');
  const { handler } = server.api;
  await server.expect(403, 'GET', '/debug/api_priority_and_fairness/dump_requests', { handler });
  await first.read();
  for (const each of waiting) await (await each.answer).read();
});

const queue = { type: 'Queue', queuing: { queues: 64, handSize: 1, queueLengthLimit: 6 } };

test('who floods a level waits, is refused with 429, and others of the level go on', async () => {
  await using server = await startTestServer({ requestBounds: few });
  await allowEverything(server);
  await fill(server);
  await narrowLevel(server, queue);
  const asAnn = server.api.handlerFor(ann);
  const first = await hold(asAnn).answer;
  assert.equal(first.status, 200);
  const waiting = Array.from({ length: 6 }, () => hold(asAnn));
  await settle();
  const refused = await server.request('GET', '/api/v1/configmaps', { handler: asAnn });
  assert.equal(refused.status, 429);
  assert.equal(refused.headers['retry-after'], '1');
  assert.equal(refused.json.reason, 'TooManyRequests');
  assert.equal(refused.json.message, 'Too many requests, please try again later.');
  const { text } = await server.expect(200, 'GET', '/metrics');
  const list = 'verb="LIST",group="",version="v1",resource="configmaps",subresource=""';
  const labels = `${list},scope="cluster",component="apiserver",code="429"`;
  assert.ok(text.includes(`apiserver_request_terminations_total{${labels}} 1\n`));
  const level = await server.expect(200, 'GET', `${levels}/narrow`);
  const schema = await server.expect(200, 'GET', `${schemas}/narrow`);
  assert.equal(refused.headers['x-kubernetes-pf-prioritylevel-uid'], level.json.metadata.uid);
  assert.equal(refused.headers['x-kubernetes-pf-flowschema-uid'], schema.json.metadata.uid);
  // Other levels are not touched, nor is who asks for health.
  const outside: UserInfo = { username: 'eve', groups: ['system:authenticated'] };
  const handler = server.api.handlerFor(outside);
  await server.expect(200, 'GET', '/readyz', { handler: asAnn });
  await server.expect(200, 'GET', '/api/v1/namespaces/default', { handler });
  // Of his level, another one is next when one of those that run is over.
  const other = hold(server.api.handlerFor(bob));
  await settle();
  await server.clock.advance(10);
  await first.read();
  const next = await Promise.race([
    other.answer.then(() => 'bob'),
    ...waiting.map(({ answer }) => answer.then(() => 'ann')),
  ]);
  assert.equal(next, 'bob');
  const all = [other, ...waiting];
  for (let left = all.length; left > 0; left--) {
    const done = await Promise.race(
      all.map((each) => each.answer.then((held) => ({ each, held }))),
    );
    all.splice(all.indexOf(done.each), 1);
    assert.equal(done.held.status, 200);
    await done.held.read();
  }
});

test('a watch takes a seat until it has told what is there, and lives on while its level is full', async () => {
  await using server = await startTestServer({ requestBounds: few });
  await allowEverything(server);
  await fill(server);
  await narrowLevel(server, { type: 'Reject' });
  const handler = server.api.handlerFor(ann);
  await using watch = await server.watch('/api/v1/configmaps?watch=true', { handler });
  assert.equal(watch.status, 200);
  const path = '/api/v1/configmaps';
  assert.equal((await server.request('GET', path, { handler })).status, 429, 'it has a seat');
  await watch.take(14);
  // The next step of the watch is what comes later.
  const event = watch.next();
  await settle();
  const held = await hold(handler).answer;
  assert.equal(held.status, 200);
  assert.equal((await server.request('GET', path, { handler })).status, 429);
  const body = { metadata: { name: 'later' } };
  await server.expect(201, 'POST', '/api/v1/namespaces/default/configmaps', { body });
  assert.equal((await event)?.object.metadata.name, 'later');
  await held.read();
});

test('whose level loses its shares is refused from then on, and is let in when it has some again', async () => {
  await using server = await startTestServer({ requestBounds: few });
  await allowEverything(server);
  await narrowLevel(server, { type: 'Reject' });
  const handler = server.api.handlerFor(ann);
  const statusWith = async (shares: number): Promise<number> => {
    await server.expect(200, 'PATCH', `${levels}/narrow`, {
      headers: { 'content-type': 'application/merge-patch+json' },
      body: { spec: { limited: { nominalConcurrencyShares: shares } } },
    });
    await settle();
    return (await server.request('GET', '/api/v1/configmaps', { handler })).status;
  };
  assert.deepEqual([await statusWith(0), await statusWith(1)], [429, 200]);
});

test('a request waits a quarter of its time and is then refused', async () => {
  await using server = await startTestServer({ requestBounds: few });
  await allowEverything(server);
  await narrowLevel(server, queue);
  const handler = server.api.handlerFor(ann);
  const caller = new AbortController();
  const sent = Promise.withResolvers<void>();
  const slow = handler({
    method: 'POST',
    path: '/api/v1/namespaces/default/configmaps',
    query: '',
    headers: { 'content-type': 'application/json' },
    body: slowBody(sent.promise),
    signal: caller.signal,
  });
  await settle();
  const late = server.request('GET', '/api/v1/configmaps', { handler });
  await settle();
  await server.clock.advance(15_000);
  assert.equal((await late).status, 429);
  sent.resolve();
  assert.equal((await slow).status, 201);
});

test('metrics tell who runs, who waits and who was refused, by level and schema', async () => {
  await using server = await startTestServer({ requestBounds: few });
  await allowEverything(server);
  await fill(server);
  const queuing = { queues: 1, handSize: 1, queueLengthLimit: 1 };
  await narrowLevel(server, { type: 'Queue', queuing });
  const handler = server.api.handlerFor(ann);
  const flow = 'priority_level="narrow",flow_schema="narrow"';
  const told = async (): Promise<readonly string[]> => {
    const { text } = await server.expect(200, 'GET', '/metrics');
    return text
      .split('\n')
      .filter((line) => line.includes(flow) && !line.includes('_bucket'))
      .map((line) => line.replace(/^apiserver_flowcontrol_/, '').replace(flow, ''));
  };
  const first = await hold(handler).answer;
  const second = hold(handler);
  await settle();
  assert.equal((await server.request('GET', '/api/v1/configmaps', { handler })).status, 429);
  await server.clock.advance(500);
  assert.deepEqual(await told(), [
    'current_executing_requests{} 1',
    'current_inqueue_requests{} 1',
    'dispatched_requests_total{} 1',
    'rejected_requests_total{,reason="queue-full"} 1',
    'request_wait_duration_seconds_sum{,execute="true"} 0',
    'request_wait_duration_seconds_count{,execute="true"} 1',
    'request_wait_duration_seconds_sum{,execute="false"} 0',
    'request_wait_duration_seconds_count{,execute="false"} 1',
  ]);
  await first.read();
  await (await second.answer).read();
  assert.deepEqual(await told(), [
    'current_executing_requests{} 0',
    'current_inqueue_requests{} 0',
    'dispatched_requests_total{} 2',
    'rejected_requests_total{,reason="queue-full"} 1',
    'request_wait_duration_seconds_sum{,execute="true"} 0.5',
    'request_wait_duration_seconds_count{,execute="true"} 2',
    'request_wait_duration_seconds_sum{,execute="false"} 0',
    'request_wait_duration_seconds_count{,execute="false"} 1',
  ]);
});

async function* slowBody(sent: Promise<void>): AsyncGenerator<Uint8Array> {
  await sent;
  yield Buffer.from('{"metadata":{"name":"slow"}}');
}

test('who leaves an answer unread keeps its seat for a second, and reads on without it', async () => {
  await using server = await startTestServer({ requestBounds: few });
  await allowEverything(server);
  await fill(server);
  await narrowLevel(server, { type: 'Reject' });
  const handler = server.api.handlerFor(ann);
  const { body } = await askList(handler);
  assert.ok(body !== undefined && !(body instanceof Uint8Array));
  const path = '/api/v1/namespaces/default';
  let bytes = 0;
  const answers: number[] = [];
  for await (const chunk of body) {
    bytes += chunk.length;
    answers.push((await server.request('GET', path, { handler })).status);
    // Slowly, but never silent for long.
    await server.clock.advance(600);
  }
  assert.ok(bytes > 2_400_000);
  assert.deepEqual(answers, [429, 429, 200]);
});

test('the usual schemas and levels are there, and their statuses say that they lead somewhere', async () => {
  await using server = await startTestServer();
  await server.clock.advance(50);
  await settle();
  const list = await server.expect(200, 'GET', schemas);
  assert.equal(list.json.items.length, 11);
  for (const schema of list.json.items as unknown as readonly FlowSchemaLike[]) {
    const [condition] = schema.status?.conditions ?? [];
    const level = schema.spec.priorityLevelConfiguration.name;
    assert.deepEqual(condition, {
      lastTransitionTime: '2026-01-01T00:00:00Z',
      message: `This FlowSchema references the PriorityLevelConfiguration object named "${level}" and it exists`,
      reason: 'Found',
      status: 'False',
      type: 'Dangling',
    });
  }
  const names = (await server.expect(200, 'GET', levels)).json.items.map(nameOf);
  assert.deepEqual(names, [
    'catch-all',
    'exempt',
    'global-default',
    'leader-election',
    'node-high',
    'system',
    'workload-high',
    'workload-low',
  ]);
});

interface FlowSchemaLike {
  readonly spec: { readonly priorityLevelConfiguration: { readonly name: string } };
  readonly status?: { readonly conditions?: readonly object[] };
}

const nameOf = ({ metadata }: KubernetesObject): string | undefined => metadata?.name;

/** Until the server has seen what was written, and has answered with writes of its own. */
async function settleFlowControl(server: TestServer): Promise<void> {
  for (let round = 0; round < 3; round++) {
    await settle();
    await server.clock.advance(50);
    await settle();
  }
}

test('a schema whose level is gone says so and sorts nothing, and a level that is deleted comes back', async () => {
  await using server = await startTestServer();
  await allowEverything(server);
  await narrowLevel(server, queue);
  await settleFlowControl(server);
  const handler = server.api.handlerFor(ann);
  const uidOf = async (path: string): Promise<unknown> =>
    (await server.expect(200, 'GET', path)).json.metadata.uid;
  const sortedBy = async (): Promise<unknown> =>
    (await server.expect(200, 'GET', '/api/v1/pods', { handler })).headers[
      'x-kubernetes-pf-flowschema-uid'
    ];
  assert.equal(await sortedBy(), await uidOf(`${schemas}/narrow`));
  await server.expect(200, 'DELETE', `${levels}/narrow`);
  await server.expect(200, 'DELETE', `${levels}/catch-all`);
  await settleFlowControl(server);
  const dangling = await server.expect(200, 'GET', `${schemas}/narrow`);
  assert.partialDeepStrictEqual(dangling.json['status'], {
    conditions: [{ type: 'Dangling', status: 'True', reason: 'NotFound' }],
  });
  assert.equal(await sortedBy(), await uidOf(`${schemas}/global-default`));
  await server.expect(200, 'GET', `${levels}/catch-all`);
});

test('what users change of the usual ones is put back where the annotation says so', async () => {
  await using server = await startTestServer();
  const change = (name: string, annotation: string | null, shares: number) =>
    server.expect(200, 'PATCH', `${levels}/${name}`, {
      headers: { 'content-type': 'application/merge-patch+json' },
      body: {
        metadata: { annotations: { 'apf.kubernetes.io/autoupdate-spec': annotation } },
        spec: { limited: { nominalConcurrencyShares: shares } },
      },
    });
  await change('workload-low', 'true', 7);
  await change('workload-high', 'false', 7);
  await change('system', null, 7);
  await change('catch-all', 'false', 7);
  await settleFlowControl(server);
  const sharesOf = async (name: string): Promise<unknown> =>
    (await server.expect(200, 'GET', `${levels}/${name}`)).json['spec'].limited
      .nominalConcurrencyShares;
  assert.equal(await sharesOf('workload-low'), 100);
  assert.equal(await sharesOf('workload-high'), 7);
  assert.equal(await sharesOf('system'), 7);
  assert.equal(await sharesOf('catch-all'), 5);
});

test('a refusal says where it belonged as an answer does', async () => {
  await using server = await startTestServer();
  const handler = server.api.handlerFor(ann);
  const forbidden = await server.expect(403, 'GET', '/api/v1/pods', { handler });
  const schema = await server.expect(200, 'GET', `${schemas}/global-default`);
  assert.equal(forbidden.headers['x-kubernetes-pf-flowschema-uid'], schema.json.metadata.uid);
});

test('who belongs to what: the usual schemas', async () => {
  await using server = await startTestServer();
  const cases: readonly (readonly [UserInfo, string, string])[] = [
    [{ username: 'root', groups: ['system:masters'] }, '/api/v1/pods', 'exempt'],
    [ann, '/readyz', 'probes'],
    [ann, '/readyz/etcd', 'global-default'],
    [
      account('kube-system', 'x'),
      '/apis/coordination.k8s.io/v1/namespaces/a/leases/b',
      'system-leader-election',
    ],
    [account('kube-system', 'x'), '/api/v1/pods', 'kube-system-service-accounts'],
    [account('other', 'x'), '/api/v1/pods', 'service-accounts'],
    [node, '/api/v1/nodes/n1', 'system-node-high'],
    [node, '/api/v1/pods', 'system-nodes'],
    [
      { username: 'system:kube-scheduler', groups: ['system:authenticated'] },
      '/api/v1/pods',
      'kube-scheduler',
    ],
  ];
  for (const [user, path, name] of cases) {
    const handler = server.api.handlerFor(user);
    const answer = await server.request('GET', path, { handler });
    const schema = await server.expect(200, 'GET', `${schemas}/${name}`);
    const uid = answer.headers['x-kubernetes-pf-flowschema-uid'];
    assert.equal(uid, schema.json.metadata.uid, `${user.username} ${path}`);
  }
});

const node: UserInfo = {
  username: 'system:node:n1',
  groups: ['system:nodes', 'system:authenticated'],
};

function account(namespace: string, name: string): UserInfo {
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
  return { username: `system:serviceaccount:${namespace}:${name}`, groups };
}

test('without fairness so many requests run at once, no answer says where it belongs', async () => {
  await using server = await startTestServer({
    requestBounds: { isFair: false, requestsMax: 1, mutatingRequestsMax: 1 },
  });
  await allowEverything(server);
  await fill(server);
  const handler = server.api.handlerFor(ann);
  const held = await hold(handler).answer;
  assert.equal(held.headers['x-kubernetes-pf-flowschema-uid'], undefined);
  assert.equal((await server.request('GET', '/api/v1/pods', { handler })).status, 429);
  await server.expect(200, 'GET', '/livez', { handler });
  await server.expect(200, 'GET', '/api/v1/pods');
  await held.read();
  await server.expect(200, 'GET', '/api/v1/pods', { handler });
});
