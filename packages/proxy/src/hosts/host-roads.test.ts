import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@fairway/host/testing';
import { apiError, headerOf } from '@fairway/protocol';
import { hostedCluster, service, servicePath } from '../../test/hosted-cluster.ts';
import { HostRoads } from './host-roads.ts';
import { hostedPlace } from './hosted-place.ts';
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
  const place = hostedPlace(roads);
  for (const path of ['/home', `${servicePath}:80/proxy/home`, `${servicePath}/proxy/home`]) {
    const destination = place({ ...request, path });
    assert.equal(destination?.judged?.path, `${servicePath}/proxy/home`);
    const { status } = await destination.proxy.handler(destination.request);
    assert.equal(status, 200);
    assert.equal(cluster.asked.at(-1), `GET ${servicePath}:80/proxy/home`);
  }
  const another = '/api/v1/namespaces/default/services/other:80/proxy/home';
  assert.equal(place({ ...request, path: another })?.request.path, another);
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

test('a way is found once while it is used, and anew after a failure, but not when its caller leaves', async () => {
  const clock = new ManualClock();
  const cluster = hostedCluster(answers, { clock });
  await using roads = new HostRoads(cluster);
  const lookUps = (): number => cluster.asked.filter((each) => each.endsWith(servicePath)).length;
  await roads.to(web).handler(request);
  await roads.to(web).handler(request);
  assert.equal(lookUps(), 1);
  await assert.rejects(roads.to(web).handler({ ...request, path: '/absent' }), { code: 404 });
  await roads.to(web).handler(request);
  assert.equal(lookUps(), 2);
  const gone = AbortSignal.abort();
  await assert.rejects(roads.to(web).handler({ ...request, path: '/absent', signal: gone }));
  await roads.to(web).handler(request);
  assert.equal(lookUps(), 2);
  await clock.advance(90_001);
  await roads.to(web).handler(request);
  assert.equal(lookUps(), 3);
});

test('so many ways are used at a time, and one that is not used makes room for another', async () => {
  const cluster = hostedCluster({ ...answers, [`${servicePath}:80/proxy/stays`]: {} });
  let answer = (): void => {};
  const answered = new Promise<void>((resolve) => (answer = resolve));
  const { transport } = cluster;
  await using roads = new HostRoads(
    {
      ...cluster,
      transport: {
        ...transport,
        send: async (asked) => {
          if (asked.path.endsWith('/stays')) await answered;
          return transport.send(asked);
        },
      },
    },
    { roadsMax: 1 },
  );
  const other = { ...web, port: 'http' };
  const staying = roads.to(web).handler({ ...request, path: '/stays' });
  await assert.rejects(roads.to(other).handler(request), { code: 429 });
  answer();
  assert.equal((await staying).status, 200);
  assert.equal((await roads.to(other).handler(request)).status, 200);
});

test('a host that stands for nothing is told how such hosts are written', async () => {
  await using roads = new HostRoads(hostedCluster(answers));
  const place = hostedPlace(roads, web);
  const at = (host: string) => place({ ...request, headers: { host } });
  const destination = at('web.svc.localhost:8001');
  assert.ok(destination);
  await assert.rejects(destination.proxy.handler(destination.request), {
    code: 404,
    message: /"web\.svc\.localhost:8001": write NAME\.NAMESPACE\.svc\.localhost/,
  });
  assert.equal(at('localhost:8001'), undefined);
  // Only the one is offered here.
  assert.equal(at('other.default.svc.localhost'), undefined);
});
