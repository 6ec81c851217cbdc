import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { issueCertificate, makeCertificateAuthority } from '@fairway/certificates';
import type { ConnectedClient } from '@fairway/client/connect';
import { systemClock, systemRandom } from '@fairway/host/nodejs';
import { ConfigMap } from '@fairway/kinds/core/v1';

export const tides = { group: 'sea.example', version: 'v1' };
const measures = { group: 'metrics.k8s.io', version: 'v1beta1' };

export interface ExtensionServer extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
  /** In PEM: who certifies it. */
  readonly authority: string;
  /** How often somebody came who was not the front proxy. */
  readonly strangers: number;
}

/** An address of this machine that endpoints may have; undefined where it has no network. */
export function endpointAddress(): string | undefined {
  return Object.values(networkInterfaces())
    .flat()
    .find((each) => each?.internal === false && each.family === 'IPv4')?.address;
}

/**
 * Another API server, as a real one is: it has a certificate for its service, learns from the cluster who the
 * front proxy is and believes nobody else, and tells what it has. It has tides, which can be watched, and
 * whose turn is a WebSocket, and measures of nodes as metrics-server has them.
 */
export async function startExtensionServer(
  admin: ConnectedClient,
  address: string,
): Promise<ExtensionServer> {
  const trust = await admin.get(ConfigMap, 'extension-apiserver-authentication', {
    namespace: 'kube-system',
  });
  const { data = {} } = trust;
  const allowedNames = JSON.parse(data['requestheader-allowed-names'] ?? '[]') as string[];
  const [userHeader = ''] = JSON.parse(data['requestheader-username-headers'] ?? '[]') as string[];
  const made = { clock: systemClock, random: systemRandom };
  const authority = await makeCertificateAuthority({
    ...made,
    subject: { commonName: 'tides-ca', organizations: [] },
  });
  const names = ['tides.default.svc'];
  const { certificate, key } = await issueCertificate(
    authority,
    { kind: 'server', names },
    { ...made, subject: { commonName: 'tides', organizations: [] } },
  );
  let strangers = 0;
  const callerOf = (request: IncomingMessage): string | undefined => {
    const socket = request.socket as TLSSocket;
    const name = socket.authorized ? socket.getPeerCertificate().subject.CN : undefined;
    const isProxy = allowedNames.includes(String(name));
    if (!isProxy) strangers += 1;
    return isProxy ? String(request.headers[userHeader.toLowerCase()]) : undefined;
  };
  const server = createServer({
    cert: certificate,
    key: key.reveal(),
    ca: data['requestheader-client-ca-file'] ?? '',
    requestCert: true,
    rejectUnauthorized: false,
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const user = callerOf(request);
    if (user === undefined) response.writeHead(401).end();
    else answer(request, response, user);
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    const user = callerOf(request);
    if (user === undefined) socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
    else greet(request, socket, user);
  });
  server.listen(0, address);
  await once(server, 'listening');
  return {
    address,
    port: (server.address() as AddressInfo).port,
    authority: authority.certificate,
    get strangers() {
      return strangers;
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function answer(request: IncomingMessage, response: ServerResponse, user: string): void {
  const [path = '', query = ''] = (request.url ?? '').split('?');
  if (path === `/apis/sea.example/v1/tides` && query.includes('watch=')) {
    response.writeHead(200, { 'content-type': 'application/json' });
    for (const type of ['ADDED', 'MODIFIED']) {
      response.write(`${JSON.stringify({ type, object: tide(user) })}\n`);
    }
    response.end();
    return;
  }
  const document = documents(user)[path];
  if (document === undefined) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(document));
}

function tide(user: string): object {
  const metadata = { name: 'high', namespace: 'default', annotations: { user } };
  return { kind: 'Tide', apiVersion: 'sea.example/v1', metadata };
}

function documents(user: string): Readonly<Record<string, object>> {
  const verbs = ['get', 'list', 'watch'];
  const list = { kind: 'APIResourceList', apiVersion: 'v1' };
  const usage = { cpu: '250m', memory: '512Mi' };
  const node = {
    kind: 'NodeMetrics',
    apiVersion: 'metrics.k8s.io/v1beta1',
    metadata: { name: 'buoy' },
    timestamp: '2026-01-01T00:00:00Z',
    window: '30s',
    usage,
  };
  const tidesAre = { kind: 'TideList', apiVersion: 'sea.example/v1', metadata: {} };
  return {
    '/apis/sea.example/v1': {
      ...list,
      groupVersion: 'sea.example/v1',
      resources: [
        { name: 'tides', singularName: 'tide', namespaced: true, kind: 'Tide', verbs },
        {
          name: 'tides/turn',
          singularName: '',
          namespaced: true,
          kind: 'Tide',
          verbs: ['get'],
        },
      ],
    },
    '/apis/sea.example/v1/tides': { ...tidesAre, items: [tide(user)] },
    '/apis/sea.example/v1/namespaces/default/tides': { ...tidesAre, items: [tide(user)] },
    '/apis/sea.example/v1/namespaces/default/tides/high': tide(user),
    '/apis/metrics.k8s.io/v1beta1': {
      ...list,
      groupVersion: 'metrics.k8s.io/v1beta1',
      resources: [
        {
          name: 'nodes',
          singularName: '',
          namespaced: false,
          kind: 'NodeMetrics',
          verbs: ['get', 'list'],
        },
      ],
    },
    '/apis/metrics.k8s.io/v1beta1/nodes': {
      kind: 'NodeMetricsList',
      apiVersion: 'metrics.k8s.io/v1beta1',
      metadata: {},
      items: [node],
    },
    '/openapi/v3': {
      paths: {
        'apis/sea.example/v1': { serverRelativeURL: '/openapi/v3/apis/sea.example/v1?hash=A1' },
      },
    },
    '/openapi/v3/apis/sea.example/v1': openApi,
  };
}

const tideSchema = 'example.sea.v1.Tide';

const openApi = {
  openapi: '3.0.0',
  info: { title: 'tides', version: '1' },
  paths: {
    '/apis/sea.example/v1/namespaces/{namespace}/tides/{name}': {
      get: {
        operationId: 'readTide',
        'x-kubernetes-action': 'get',
        'x-kubernetes-group-version-kind': { ...tides, kind: 'Tide' },
        responses: {
          200: {
            description: 'OK',
            content: {
              'application/json': { schema: { $ref: `#/components/schemas/${tideSchema}` } },
            },
          },
        },
      },
    },
  },
  components: {
    schemas: {
      [tideSchema]: {
        type: 'object',
        description: 'Tide is how high the water stands.',
        properties: { kind: { type: 'string', description: 'what it is' } },
        'x-kubernetes-group-version-kind': [{ ...tides, kind: 'Tide' }],
      },
    },
  },
};

/** Accepts a WebSocket, and says over it who came. */
function greet(request: IncomingMessage, socket: Duplex, user: string): void {
  const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accept = createHash('sha1').update(key).digest('base64');
  const head = `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}`;
  socket.on('error', () => {});
  socket.write(`HTTP/1.1 101 Switching Protocols\r\n${head}\r\n\r\n`);
  const text = Buffer.from(`ahoy ${user}`);
  socket.write(Buffer.concat([Buffer.from([0x81, text.length]), text]));
  socket.on('data', () => socket.end());
}

/** The objects that lead to the server. */
export function extensionObjects(server: ExtensionServer): readonly object[] {
  const service = { namespace: 'default', name: 'tides', port: 443 };
  const caBundle = Buffer.from(server.authority).toString('base64');
  const apiService = ({ group, version }: typeof tides): object => ({
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: `${version}.${group}` },
    spec: {
      group,
      version,
      service,
      caBundle,
      groupPriorityMinimum: 100,
      versionPriority: 100,
    },
  });
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'tides', namespace: 'default' },
      spec: { ports: [{ name: 'https', port: 443 }] },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: 'tides-1',
        namespace: 'default',
        labels: { 'kubernetes.io/service-name': 'tides' },
      },
      addressType: 'IPv4',
      ports: [{ name: 'https', port: server.port }],
      endpoints: [{ addresses: [server.address] }],
    },
    apiService(tides),
    apiService(measures),
    {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'buoy' },
      status: { allocatable: { cpu: '1', memory: '1Gi' }, capacity: { cpu: '1', memory: '1Gi' } },
    },
  ];
}
