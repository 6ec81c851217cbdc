import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Answers,
  hostedCluster,
  readyPod,
  service,
  slicesPath,
} from '../../test/hosted-cluster.ts';
import { type PodPorts, findPodPorts } from './find-pod-ports.ts';
import { parseHostedName } from './hosted-name.ts';

async function find(answers: Answers, host: string): Promise<PodPorts> {
  const name = parseHostedName(host);
  assert.ok(name);
  return findPodPorts(hostedCluster(answers).client, name);
}

const web = 'web.default.svc.localhost';
const http = { name: 'http', port: 80 };

test('findPodPorts() takes the port that is meant', async () => {
  const metrics = { name: 'metrics', port: 9100 };
  const dns = { name: 'dns', port: 53, protocol: 'UDP' };
  const rows: readonly (readonly [readonly object[], string, number])[] = [
    [[{ port: 3000 }], web, 3000],
    [[metrics, http], web, 80],
    [[metrics, { name: 'web', port: 80 }], web, 80],
    [[dns, metrics], web, 9100],
    [[http, metrics], `metrics.${web}`, 9100],
    [[http, metrics], `9100.${web}`, 9100],
  ];
  for (const [ports, host, expected] of rows) {
    assert.equal((await find(service(ports), host)).port, expected, host);
  }
});

test('findPodPorts() answers the ready pods of a service, and the port that they listen at', async () => {
  const pods = [readyPod('web-a'), readyPod('web-b', false), readyPod('web-c')];
  assert.deepEqual(await find(service([http], pods), web), {
    scheme: 'http',
    port: 80,
    ports: [
      { namespace: 'default', name: 'web-a', port: 9000 },
      { namespace: 'default', name: 'web-c', port: 9000 },
    ],
  });
});

test('findPodPorts() knows TLS by the name of a port, its number or its protocol', async () => {
  const rows: readonly (readonly [object, string])[] = [
    [{ name: 'https', port: 8443 }, 'https'],
    [{ name: 'https-web', port: 8443 }, 'https'],
    [{ port: 443 }, 'https'],
    [{ port: 9, appProtocol: 'HTTPS' }, 'https'],
    [{ port: 443, appProtocol: 'http' }, 'http'],
    [{ name: 'httpsomething', port: 9 }, 'http'],
  ];
  for (const [port, scheme] of rows) {
    assert.equal((await find(service([port]), web)).scheme, scheme, JSON.stringify(port));
  }
});

test('findPodPorts() says of endpoints that are no pods that there is no pod', async () => {
  const byHand = { addresses: ['192.0.2.1'], conditions: { ready: true } };
  const elsewhere = { ...byHand, targetRef: { kind: 'Pod', namespace: 'other', name: 'x' } };
  assert.deepEqual((await find(service([http], [byHand, elsewhere]), web)).ports, []);
});

test('findPodPorts() says what a service lacks, and what it has', async () => {
  await assert.rejects(find(service([http]), `grpc.${web}`), {
    code: 404,
    message:
      'service default/web has no port "grpc"; it has http (80): http://http.web.default.svc.localhost',
  });
  await assert.rejects(find(service([]), web), /it has none for TCP/);
  // As an API server in Go writes empty lists.
  const empty = service([http]);
  empty[slicesPath] = { metadata: {}, items: [{ metadata: {}, ports: [http], endpoints: null }] };
  await assert.rejects(find(empty, web), { code: 503 });
  empty[slicesPath] = { metadata: {}, items: [{ metadata: {}, ports: null, endpoints: null }] };
  await assert.rejects(find(empty, web), { code: 503 });
  await assert.rejects(find(service([http], [readyPod('web-a', false)]), web), {
    code: 503,
    message: /service default\/web has no ready pod at port 80; see `fairway get endpointslices/,
    headers: { 'retry-after': '1' },
  });
});

test('findPodPorts() finds the port of a pod', async () => {
  const path = '/api/v1/namespaces/default/pods/web-0';
  const pod = (phase: string, ports: readonly object[]): Answers => ({
    [path]: { metadata: { name: 'web-0' }, spec: { containers: [{ ports }] }, status: { phase } },
  });
  const web0 = 'web-0.default.pod.localhost';
  const udp = { containerPort: 53, protocol: 'UDP' };
  const secure = { name: 'https', containerPort: 8443 };
  assert.equal((await find(pod('Running', []), web0)).port, 80);
  assert.equal((await find(pod('Running', [udp, secure]), web0)).port, 8443);
  assert.equal((await find(pod('Running', [udp, secure]), web0)).scheme, 'https');
  assert.equal((await find(pod('Running', [secure]), `8080.${web0}`)).scheme, 'http');
  await assert.rejects(find(pod('Pending', []), web0), { code: 503, message: /it is Pending/ });
  await assert.rejects(find(pod('Running', []), `70000.${web0}`), { code: 400 });
  const { client } = hostedCluster(pod('Running', []));
  const named = { kind: 'pod', namespace: 'default', name: 'web-0', port: 'http' } as const;
  await assert.rejects(findPodPorts(client, named), { code: 400 });
});
