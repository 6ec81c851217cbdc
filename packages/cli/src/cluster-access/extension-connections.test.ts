import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type Server, createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import type { ExtensionEndpoint } from '@fairway/apiserver';
import { makeTestCertificates } from '@fairway/certificates/testing';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import { type HttpResponse, collectBody } from '@fairway/protocol';
import { ExtensionConnections } from './extension-connections.ts';

const { tls, authority, stranger, client } = await makeTestCertificates();

/** Answers whose certificate the caller has. */
class ExtensionServer implements AsyncDisposable {
  /** In the order in which they came. */
  readonly sockets: Socket[] = [];
  readonly #server: Server;

  constructor() {
    this.#server = createServer({
      cert: tls.certificate,
      key: tls.key.reveal(),
      ca: authority.certificate,
      requestCert: true,
      rejectUnauthorized: false,
    });
    // It never leaves first.
    this.#server.keepAliveTimeout = 0;
    this.#server.on('connection', (socket: Socket) => this.sockets.push(socket));
    this.#server.on('request', (request, response) => {
      const socket = request.socket as TLSSocket;
      const name = socket.authorized ? socket.getPeerCertificate().subject.CN : 'nobody';
      response.end(name);
    });
  }

  async listen(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  endpoint(trust: Partial<ExtensionEndpoint> = {}): ExtensionEndpoint {
    const { port } = this.#server.address() as AddressInfo;
    const usual = { serverName: 'localhost', isInsecure: false };
    return { scheme: 'https', host: '127.0.0.1', port, ...usual, ...trust };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

test('a server is known by the name of its service and by its authority, and knows who comes', async () => {
  await using server = await new ExtensionServer().listen();
  const host = { clock: new ManualClock(), random: seededRandom(1) };
  const openPodPort = () => assert.fail('there is no pod');
  await using connections = new ExtensionConnections(host, openPodPort, client);
  await using asNobody = new ExtensionConnections(host, openPodPort, undefined);
  const ask = (endpoint: ExtensionEndpoint, from = connections): Promise<HttpResponse> =>
    from.dial(endpoint).send({
      method: 'GET',
      path: '/apis',
      query: '',
      headers: {},
      body: undefined,
      signal: new AbortController().signal,
    });
  const said = async (...asked: Parameters<typeof ask>): Promise<string> =>
    Buffer.from(await collectBody((await ask(...asked)).body)).toString();
  const known = { certificateAuthority: authority.certificate };
  assert.equal(await said(server.endpoint(known)), 'ann');
  assert.equal(await said(server.endpoint(known), asNobody), 'nobody');
  assert.equal(await said(server.endpoint({ isInsecure: true })), 'ann');
  const strange = server.endpoint({ certificateAuthority: stranger.certificate });
  await assert.rejects(ask(strange), /certificate/);
  await assert.rejects(ask(server.endpoint({ ...known, serverName: 'tides.default.svc' })), /name/);
  // Of the machine's own authorities none has certified it.
  await assert.rejects(ask(server.endpoint()), /certificate/);
});

test('of more servers than are kept, the one asked least recently loses its connection', async () => {
  await using server = await new ExtensionServer().listen();
  const host = { clock: new ManualClock(), random: seededRandom(1) };
  await using connections = new ExtensionConnections(host, () => assert.fail('no pod'), undefined);
  const ask = async (serverName: string): Promise<void> => {
    const endpoint = server.endpoint({ serverName, isInsecure: true });
    const { body } = await connections.dial(endpoint).send({
      method: 'GET',
      path: '/apis',
      query: '',
      headers: {},
      body: undefined,
      signal: new AbortController().signal,
    });
    await collectBody(body);
  };
  const names = Array.from({ length: 100 }, (_, at) => `s${at}.default.svc`);
  for (const name of names) await ask(name);
  assert.equal(server.sockets.length, 100);
  // The first is not the one asked least recently any more.
  await ask('s0.default.svc');
  assert.equal(server.sockets.length, 100);
  const second = server.sockets[1] ?? assert.fail();
  const left = once(second, 'close');
  await ask('one-more.default.svc');
  await left;
  assert.equal(server.sockets[0]?.destroyed, false);
});
