import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TestServer, startTestServer } from '@fairway/apiserver/testing';

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
