import { startTestServer, type TestServer } from '@fairway/apiserver/testing';
import type { HttpRequest } from '@fairway/protocol';
import type { Upstream } from '@fairway/serving';
import type { BackendEndpoint, Dial } from '../src/calls/dial.ts';

export const inDefault = '/api/v1/namespaces/default';

export interface Asked {
  readonly endpoint: BackendEndpoint;
  readonly request: HttpRequest;
}

/** A way to backends that notes who is asked for what. */
export function recordingBackends(answers: Partial<Upstream> = {}): {
  readonly dial: Dial;
  readonly asked: Asked[];
} {
  const asked: Asked[] = [];
  const {
    send = async () => ({ status: 200, headers: {}, body: Buffer.from('hello') }),
    upgrade = async () => Promise.reject(new Error('nothing to upgrade to')),
  } = answers;
  const backend = (endpoint: BackendEndpoint): Upstream => ({
    send: (request) => (asked.push({ endpoint, request }), send(request)),
    upgrade: (request) => (asked.push({ endpoint, request }), upgrade(request)),
  });
  return { dial: { backend }, asked };
}

/** `http 10.244.0.5:8080 /x?a=b` */
export function whereTo({ endpoint, request }: Asked): string {
  const { scheme, host, port } = endpoint;
  const query = request.query === '' ? '' : `?${request.query}`;
  return `${scheme} ${host}:${port} ${request.path}${query}`;
}

/**
 * The services `web` (ports with names), `one` (a port without) and `idle` (no endpoints), and the pods `web-0`,
 * `bare` (no ports) and `waiting` (no address).
 */
export async function startProxiedCluster(dial: Dial): Promise<TestServer> {
  const server = await startTestServer({ dial });
  await server.expect(201, 'POST', `${inDefault}/serviceaccounts`, {
    body: { metadata: { name: 'default' } },
  });
  const ports = [
    { name: 'http', containerPort: 9080 },
    { name: 'https', containerPort: 9443 },
  ];
  await createPod(server, 'web-0', { ip: '10.244.0.5', ports });
  await createPod(server, 'bare', { ip: '10.244.0.7' });
  await createPod(server, 'waiting', {});
  await createService(server, 'web', [
    { name: 'http', port: 80, targetPort: 9080 },
    { name: 'https', port: 443, targetPort: 9443 },
  ]);
  await createService(server, 'one', [{ port: 8080 }]);
  await createService(server, 'idle', [{ port: 80 }]);
  const endpoints = [endpointAt('10.244.0.5', 'web-0')];
  await createSlice(server, 'web', {
    endpoints,
    ports: [
      { name: 'http', port: 9080 },
      { name: 'https', port: 9443 },
    ],
  });
  await createSlice(server, 'one', { endpoints, ports: [{ name: '', port: 8080 }] });
  return server;
}

export async function createPod(
  server: TestServer,
  name: string,
  { ip, ports = [] }: { readonly ip?: string; readonly ports?: readonly object[] },
): Promise<void> {
  const containers = [{ name: 'main', image: 'x', ports }];
  const pod = { metadata: { name }, spec: { containers } };
  await server.expect(201, 'POST', `${inDefault}/pods`, { body: pod });
  if (ip === undefined) return;
  const status = { phase: 'Running', podIP: ip, podIPs: [{ ip }] };
  await server.expect(200, 'PUT', `${inDefault}/pods/${name}/status`, { body: { ...pod, status } });
}

export async function createService(
  server: TestServer,
  name: string,
  ports: readonly object[],
): Promise<void> {
  const body = { metadata: { name }, spec: { ports } };
  await server.expect(201, 'POST', `${inDefault}/services`, { body });
}

export interface Slice {
  readonly endpoints: readonly object[];
  readonly ports: readonly object[];
  readonly name?: string;
}

export async function createSlice(
  server: TestServer,
  service: string,
  { name = `${service}-1`, endpoints, ports }: Slice,
): Promise<void> {
  const labels = { 'kubernetes.io/service-name': service };
  const body = { metadata: { name, labels }, addressType: 'IPv4', endpoints, ports };
  const path = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices';
  await server.expect(201, 'POST', path, { body });
}

export function endpointAt(address: string, pod: string, conditions: object = {}): object {
  const targetRef = { kind: 'Pod', namespace: 'default', name: pod };
  return { addresses: [address], targetRef, conditions };
}
