import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@fairway/host/testing';
import { apiError, headerOf } from '@fairway/protocol';
import { hostedCluster, service, servicePath } from '../../test/hosted-cluster.ts';
import { HostRoads } from './host-roads.ts';
import { parseHostedName, type HostedName } from './hosted-name.ts';

const answers = {
  ...service([{ name: 'http', port: 80 }], [{ addresses: ['192.0.2.1'] }]),
  [`${servicePath}:80/proxy/home`]: { page: 'home' },
};

function named(host: string): HostedName {
  const name = parseHostedName(host);
  assert.ok(name);
  return name;
}

const web = named('web.default.svc.localhost');
const request = {
  method: 'GET',
  path: '/home',
  query: '',
  headers: { authorization: 'Basic app', host: 'web.default.svc.localhost:8001' },
  body: undefined,
  signal: new AbortController().signal,
};

test('a service without pods is reached through the API server, and links of it lead there too', async () => {
  const cluster = hostedCluster(answers);
  await using roads = new HostRoads(cluster);
  for (const path of ['/home', '/api/v1/namespaces/default/services/web:80/proxy/home']) {
    const { status } = await roads.to(web).handler({ ...request, path });
    assert.equal(status, 200);
    assert.equal(cluster.asked.at(-1), `GET ${servicePath}:80/proxy/home`);
  }
});

test('what an application would be told of its caller does not reach the API server', async () => {
  const { client, transport } = hostedCluster(answers);
  const sent: (string | undefined)[] = [];
  await using roads = new HostRoads({
    client,
    transport: {
      ...transport,
      send: async ({ headers, ...rest }) => {
        sent.push(headerOf(headers, 'authorization'));
        const response = await transport.send({ headers, ...rest });
        return { ...response, headers: { location: `${rest.path}/../login` } };
      },
    },
  });
  const { headers } = await roads.to(web).handler(request);
  assert.deepEqual(sent, [undefined]);
  assert.equal(headers['location'], '/home/../login');
});

test('who may not look at a service is led through the API server, which decides', async () => {
  const forbidden = apiError('Forbidden', 'you may not');
  const cluster = hostedCluster({ ...answers, [servicePath]: forbidden });
  await using roads = new HostRoads(cluster);
  await assert.rejects(roads.to(web).handler(request), /nothing at .*services\/web\/proxy\/home/);
});

test('a way is found once while it is used, anew after a failure, and so many at a time', async () => {
  const clock = new ManualClock();
  const cluster = hostedCluster(answers, { clock });
  await using roads = new HostRoads(cluster, { roadsMax: 1 });
  const lookUps = (): number => cluster.asked.filter((each) => each.endsWith(servicePath)).length;
  await roads.to(web).handler(request);
  await roads.to(web).handler(request);
  assert.equal(lookUps(), 1);
  await assert.rejects(roads.to({ ...web, port: 'http' }).handler(request), { code: 429 });
  await assert.rejects(roads.to(web).handler({ ...request, path: '/absent' }), { code: 404 });
  await roads.to(web).handler(request);
  assert.equal(lookUps(), 2);
  await clock.advance(90_001);
  await roads.to(web).handler(request);
  assert.equal(lookUps(), 3);
});
