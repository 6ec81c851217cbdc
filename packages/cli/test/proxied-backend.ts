import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';
import { startTestServer } from '@fairway/apiserver/testing';
import { admin } from '@fairway/apiserver/testing';
import { DisposalStack } from '@fairway/host';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import { listenForTest } from '@fairway/serving/testing';
import { BackendConnections } from '../src/cluster-access/backend-connections.ts';

/** Below this is what the backend of the test answers. */
export const proxied = '/api/v1/namespaces/default/pods/web:80/proxy';

export interface ProxiedBackend extends AsyncDisposable {
  /** Of the API server, without TLS. */
  readonly port: number;
  /** Moves the time after which idle connections are let go of. */
  readonly clock: ManualClock;
  /** The connections to the backend that are open. */
  readonly sockets: ReadonlySet<Socket>;
  /** What the API server logged as failures of its own. */
  readonly errors: readonly unknown[];
  /** A connection to the API server. */
  connect(): Socket;
}

/**
 * An API server behind a port with one pod, whose address is a port of this machine where `serve` speaks byte by
 * byte, with everything between them as in `fairway up`.
 */
export async function proxyBackend(serve: (socket: Socket) => void): Promise<ProxiedBackend> {
  await using started = new DisposalStack();
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket)).on('error', () => {});
    serve(socket);
    socket.once('end', () => socket.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  started.defer(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  const { port } = server.address() as AddressInfo;
  const clock = new ManualClock();
  const backends = started.use(
    new BackendConnections({ clock, random: seededRandom(1) }, () =>
      assert.fail('the pod has an address'),
    ),
  );
  const api = started.use(
    await startTestServer({
      // The address of the pod is none of this machine, so that it may be led to.
      dial: { backend: (endpoint) => backends.dial({ ...endpoint, host: '127.0.0.1', port }) },
    }),
  );
  const inDefault = '/api/v1/namespaces/default';
  const account = { metadata: { name: 'default' } };
  await api.expect(201, 'POST', `${inDefault}/serviceaccounts`, { body: account });
  const pod = { metadata: { name: 'web' }, spec: { containers: [{ name: 'main', image: 'x' }] } };
  await api.expect(201, 'POST', `${inDefault}/pods`, { body: pod });
  const status = { podIP: '10.244.0.5', podIPs: [{ ip: '10.244.0.5' }] };
  await api.expect(200, 'PUT', `${inDefault}/pods/web/status`, { body: { ...pod, status } });
  const listener = started.use(
    await listenForTest(api.api.handlerFor(admin), { upgradeHandler: api.api.upgradeFor(admin) }),
  );
  const callers = new Set<Socket>();
  started.defer(async () => {
    for (const socket of callers) socket.destroy();
  });
  const running = started.move();
  return {
    port: listener.port,
    clock,
    sockets,
    errors: listener.errors,
    connect() {
      const socket = connect({ port: listener.port, host: '127.0.0.1', allowHalfOpen: true });
      callers.add(socket.on('error', () => {}).once('end', () => socket.end()));
      return socket;
    },
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

/** Answers every request with these bytes; `seen` gets all that came. */
export function answering(
  bytes: string | Buffer,
  seen: { text: string } = { text: '' },
): (socket: Socket) => void {
  return (socket) => {
    socket.on('data', (chunk: Buffer) => {
      seen.text += chunk.toString('latin1');
      if (/\r\n\r\n/.test(seen.text)) socket.write(bytes);
    });
  };
}

/** Reads until what came matches. */
export async function readUntil(socket: Socket, wanted: RegExp): Promise<string> {
  let text = '';
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    text += (chunk as Buffer).toString('latin1');
    if (wanted.test(text)) return text;
  }
  throw new Error(`the connection ended with ${JSON.stringify(text.slice(-2000))}`);
}
