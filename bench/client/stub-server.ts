/**
 * A server that answers what the clients under measure ask, from bytes made beforehand, in a
 * process of its own: HTTP for lists and watches, TLS for single objects. Prints its ports.
 */
import { readFileSync } from 'node:fs';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { makePod } from './make-pod.ts';

const podCount = 10_000;
const watchEventCount = 50_000;
const pods = Array.from({ length: podCount }, (_, index) => JSON.stringify(makePod(index)));
const certificates = path.join(
  import.meta.dirname,
  '../../packages/client/test/fixtures/certificates',
);
let tlsConnections = 0;

const plain = createServer(answer);
const tls = createTlsServer(
  {
    key: readFileSync(`${certificates}/server.key`),
    cert: readFileSync(`${certificates}/server.pem`),
  },
  answer,
);
tls.on('secureConnection', () => tlsConnections++);
for (const server of [plain, tls]) {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
}
const portOf = (server: typeof plain): number => (server.address() as AddressInfo).port;
console.log(JSON.stringify({ plain: portOf(plain), tls: portOf(tls), podBytes: pods[0]?.length }));

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://stub');
  response.setHeader('content-type', 'application/json');
  if (pathname === '/connections') {
    response.end(String(tlsConnections));
    tlsConnections = 0;
  } else if (pathname !== '/api/v1/pods') response.end(pods[0]);
  else if (!searchParams.has('watch')) list(searchParams, response);
  else if (searchParams.get('sendInitialEvents') === 'true') void sendInitialEvents(response);
  else if (searchParams.get('resourceVersion') === '1') void sendChanges(response);
  // A quiet watch: what follows a list.
  else response.flushHeaders();
}

function list(query: URLSearchParams, response: ServerResponse): void {
  const limit = Number(query.get('limit') ?? podCount) || podCount;
  const from = Number(query.get('continue') ?? 0);
  const to = Math.min(podCount, from + limit);
  const rest = to < podCount ? `,"continue":"${to}"` : '';
  response.write(
    `{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"200000"${rest}},"items":[`,
  );
  response.end(`${pods.slice(from, to).join(',')}]}`);
}

async function sendInitialEvents(response: ServerResponse): Promise<void> {
  await sendEvents(response, 'ADDED', podCount);
  const bookmark = {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: {
      resourceVersion: '200000',
      annotations: { 'k8s.io/initial-events-end': 'true' },
    },
  };
  response.write(`${JSON.stringify({ type: 'BOOKMARK', object: bookmark })}\n`);
}

async function sendChanges(response: ServerResponse): Promise<void> {
  await sendEvents(response, 'MODIFIED', watchEventCount);
  response.end();
}

async function sendEvents(response: ServerResponse, type: string, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    const line = `{"type":"${type}","object":${pods[index % podCount]}}\n`;
    if (!response.write(line)) await new Promise((resolve) => response.once('drain', resolve));
  }
}
