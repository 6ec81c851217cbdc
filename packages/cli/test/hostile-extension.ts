import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type Server, type TLSSocket, createServer } from 'node:tls';
import { type TestServer, startTestServer } from '@fairway/apiserver/testing';
import { issueCertificate, makeCertificateAuthority } from '@fairway/certificates';
import { DisposalStack } from '@fairway/host';
import { systemClock, systemRandom } from '@fairway/host/nodejs';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import { ExtensionConnections } from '../src/cluster-access/extension-connections.ts';

export const group = 'tides.example';
export const root = `/apis/${group}/v1`;

/** Writes to the socket what becomes of a request for a path. */
export type Behaviour = (socket: TLSSocket, path: string) => void;

const resourceList = {
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: `${group}/v1`,
  resources: [
    { name: 'tides', singularName: 'tide', namespaced: true, kind: 'Tide', verbs: ['get', 'list'] },
  ],
};

/** A whole answer in JSON. */
export function answerJson(socket: TLSSocket, document: object): void {
  const body = JSON.stringify(document);
  const head = `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}`;
  socket.write(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n${body}`);
}

/** As a server does that means well, and has neither aggregated discovery nor documents. */
export function behaveWell(socket: TLSSocket, path: string): void {
  if (path === root) answerJson(socket, resourceList);
  else if (path.startsWith(`${root}/`)) answerJson(socket, { kind: 'TideList', items: [] });
  else socket.write('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
}

const made = { clock: systemClock, random: systemRandom };
const authority = await makeCertificateAuthority({
  ...made,
  subject: { commonName: 'tides-ca', organizations: [] },
});
const certified = await issueCertificate(
  authority,
  { kind: 'server', names: ['tides.default.svc'] },
  { ...made, subject: { commonName: 'tides', organizations: [] } },
);

/** A server behind an APIService that says on its sockets whatever it likes. */
export class HostileExtension implements AsyncDisposable {
  behave: Behaviour = behaveWell;
  /** What it could get rid of. */
  sentBytes = 0;
  readonly sockets = new Set<TLSSocket>();
  readonly #server: Server;

  constructor() {
    this.#server = createServer({ cert: certified.certificate, key: certified.key.reveal() });
    // Callers who go away, as from whoever is hostile.
    this.#server.on('tlsClientError', () => {});
    this.#server.on('secureConnection', (socket) => {
      this.sockets.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => {
        this.sockets.delete(socket);
        this.sentBytes += socket.bytesWritten;
      });
      let head = '';
      socket.on('data', (bytes) => {
        head += bytes.toString('latin1');
        for (let end = head.indexOf('\r\n\r\n'); end >= 0; end = head.indexOf('\r\n\r\n')) {
          const [, path = ''] = head.split(' ', 2);
          head = head.slice(end + 4);
          this.behave(socket, path.replace(/\?.*/, ''));
        }
      });
    });
  }

  async listen(): Promise<this> {
    this.#server.listen(0, 'localhost');
    await once(this.#server, 'listening');
    return this;
  }

  /** The objects that lead to it. */
  async register(server: TestServer, spec: object = {}): Promise<void> {
    const body = {
      metadata: { name: 'tides' },
      spec: { type: 'ExternalName', externalName: 'localhost' },
    };
    await server.expect(201, 'POST', '/api/v1/namespaces/default/services', { body });
    const { port } = this.#server.address() as AddressInfo;
    await server.expect(201, 'POST', apiServices, {
      body: {
        metadata: { name: `v1.${group}` },
        spec: {
          group,
          version: 'v1',
          groupPriorityMinimum: 100,
          versionPriority: 100,
          service: { namespace: 'default', name: 'tides', port },
          caBundle: Buffer.from(authority.certificate).toString('base64'),
          ...spec,
        },
      },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }
}

export const apiServices = '/apis/apiregistration.k8s.io/v1/apiservices';

/** An API server in memory that reaches the servers behind APIServices over real sockets. */
export async function startAggregator(): Promise<TestServer> {
  await using opened = new DisposalStack();
  // Connections outlive the server: their timers are not among those that end with it.
  const host = { clock: new ManualClock(), random: seededRandom(3) };
  const noPods = (): never => {
    throw new Error('there are no pods');
  };
  const connections = opened.use(new ExtensionConnections(host, noPods, undefined));
  const server = await startTestServer({
    dial: { extension: (endpoint) => connections.dial(endpoint) },
  });
  opened.use(server);
  const both = opened.move();
  return { ...server, [Symbol.asyncDispose]: () => both[Symbol.asyncDispose]() };
}

/** Waits until the condition `Available` has the reason; answers its message. */
export async function untilSaid(server: TestServer, reason: string): Promise<string> {
  const query = `watch=true&fieldSelector=metadata.name=v1.${group}`;
  await using watch = await server.watch(`${apiServices}?${query}`);
  for (;;) {
    const event = await watch.next();
    if (event === undefined) throw new Error(`the watch ended before ${reason} was said`);
    const [condition] = event.object['status']?.conditions ?? [];
    if (condition?.reason === reason) return condition.message as string;
  }
}
