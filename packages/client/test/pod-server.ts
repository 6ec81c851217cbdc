import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { zlibHeaderCompression } from '@fairway/protocol/nodejs';
import { SpdySession, type SpdyStream } from '@fairway/protocol/streams';
import { type WebSocket, WebSocketServer, createWebSocketStream } from 'ws';
import { type SmallServer, listen, pem } from './small-server.ts';

/** What a process of the test does with its streams; answers its exit code. */
export type Program = (process: {
  readonly command: readonly string[];
  /** Empty when nobody sends any. */
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly sizes: readonly { readonly Width: number; readonly Height: number }[];
  stdout(text: string | Uint8Array): Promise<void>;
  stderr(text: string | Uint8Array): Promise<void>;
}) => Promise<number>;

export interface PodServer extends SmallServer {
  /** Upgrades that were asked for: `websocket v5.channel.k8s.io`, `SPDY/3.1`. */
  readonly asked: string[];
  /** Requests as they came: `GET /api/v1/…`. */
  readonly requests: string[];
}

export interface PodServerOptions {
  readonly program?: Program;
  /** What a port answers; undefined: nobody listens there. */
  readonly ports?: (port: number) => ((stream: Duplex) => void) | undefined;
  readonly knowsWebSocket?: boolean;
  /** Answer every upgrade with this. */
  readonly refusal?: { readonly status: number; readonly body: string };
  readonly log?: string;
  /** Sent over a WebSocket in the place of frames. */
  readonly junk?: Uint8Array;
}

/** A server with one pod, whose WebSockets are those of `ws`, over TLS. */
export async function servePod(options: PodServerOptions = {}): Promise<PodServer> {
  const requests: string[] = [];
  const asked: string[] = [];
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => (offered.has('v5.channel.k8s.io') ? 'v5.channel.k8s.io' : false),
  });
  sockets.on('headers', (headers, { url }) => {
    if (url?.includes('/portforward') === true) headers.push(`Sec-WebSocket-Protocol: ${tunnel}`);
  });
  const server = createServer(
    { key: pem('server.key'), cert: pem('server.pem') },
    (message: IncomingMessage, response: ServerResponse) => {
      requests.push(`${message.method} ${message.url}`);
      // kubectl wants to hear that there are pods before it asks for one.
      const isLog = message.url?.includes('/log') === true;
      response.setHeader('content-type', isLog ? 'text/plain' : 'application/json');
      response.end(isLog ? (options.log ?? '') : (documents[message.url ?? ''] ?? podText));
    },
  );
  server.on('upgrade', (message: IncomingMessage, socket: Duplex, head: Buffer) => {
    requests.push(`${message.method} ${message.url}`);
    const { upgrade = '' } = message.headers;
    asked.push(`${upgrade} ${String(message.headers['sec-websocket-protocol'] ?? '')}`.trim());
    socket.on('error', () => {});
    if (options.refusal !== undefined) return refuse(socket, options.refusal);
    const isForward = message.url?.includes('/portforward') === true;
    if (/websocket/i.test(upgrade)) {
      if (options.knowsWebSocket === false) {
        return refuse(socket, { status: 403, body: 'unable to negotiate protocol' });
      }
      // Its slash is not allowed in a subprotocol, and `ws` is right to say so.
      if (message.headers['sec-websocket-protocol'] === tunnel) {
        delete message.headers['sec-websocket-protocol'];
      }
      return sockets.handleUpgrade(message, socket, head, (webSocket) => {
        if (isForward) return serveForward(createWebSocketStream(webSocket), options);
        if (options.junk !== undefined) return void socket.write(options.junk);
        serveChannels(webSocket, message, options);
      });
    }
    const version = message.headers['x-stream-protocol-version'];
    const [protocol = ''] = String(version ?? '').split(/,\s*/);
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n` +
        `X-Stream-Protocol-Version: ${protocol}\r\n\r\n`,
    );
    if (head.length > 0) socket.unshift(head);
    if (isForward) return serveForward(socket, options);
    serveProcessStreams(socket, message, options).catch(() => socket.destroy());
  });
  return Object.assign(await listen(server, 'https'), { asked, requests });
}

const tunnel = 'SPDY/3.1+portforward.k8s.io';

/** The status that ends a process. */
function exitStatus(code: number): string {
  if (code === 0) return JSON.stringify({ metadata: {}, status: 'Success' });
  return JSON.stringify({
    metadata: {},
    status: 'Failure',
    reason: 'NonZeroExitCode',
    message: `command terminated with non-zero exit code: exit status ${code}`,
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  });
}

function refuse(
  socket: Duplex,
  { status, body }: { readonly status: number; readonly body: string },
): void {
  socket.end(
    `HTTP/1.1 ${status} Refused\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `Content-Type: application/json\r\nConnection: close\r\n\r\n${body}`,
  );
}

function commandOf(message: IncomingMessage): readonly string[] {
  return new URL(message.url ?? '', 'https://pod').searchParams.getAll('command');
}

function serveChannels(
  socket: WebSocket,
  message: IncomingMessage,
  { program }: PodServerOptions,
): void {
  const input = new TransformStream<Uint8Array, Uint8Array>();
  const writer = input.writable.getWriter();
  const sizes: { Width: number; Height: number }[] = [];
  if (!message.url?.includes('stdin=true')) void writer.close();
  socket.on('message', (data: Buffer) => {
    if (data[0] === 0) {
      // No more is read from the connection than the program reads.
      socket.pause();
      const written = writer.write(data.subarray(1)).catch(() => {});
      void written.then(() => socket.resume());
    }
    if (data[0] === 4) sizes.push(JSON.parse(data.subarray(1).toString()));
    if (data[0] === 255 && data[1] === 0) void writer.close();
  });
  const send = (channel: number, data: string | Uint8Array): Promise<void> =>
    new Promise((resolve, reject) => {
      const bytes = Buffer.concat([Uint8Array.of(channel), Buffer.from(data)]);
      socket.send(bytes, (error) => (error ? reject(error) : resolve()));
    });
  const run = async (): Promise<void> => {
    const code = await program?.({
      command: commandOf(message),
      stdin: input.readable,
      sizes,
      stdout: (data) => send(1, data),
      stderr: (data) => send(2, data),
    });
    await send(3, exitStatus(code ?? 0));
    socket.close(1000);
  };
  run().catch(() => socket.terminate());
}

/** Our own codec in the place of a kubelet; kubectl is the check that it is one. */
async function serveProcessStreams(
  socket: Duplex,
  message: IncomingMessage,
  { program }: PodServerOptions,
): Promise<void> {
  const streams = new Map<string, SpdyStream>();
  const query = new URL(message.url ?? '', 'https://pod').searchParams;
  const wanted = ['stdin', 'stdout', 'stderr'].filter((name) => query.get(name) === 'true');
  const sizes: { Width: number; Height: number }[] = [];
  const complete = Promise.withResolvers<void>();
  serveSpdy(socket, async (stream) => {
    await stream.reply();
    const type = String(stream.headers['streamtype']);
    streams.set(type, stream);
    if (type === 'resize') {
      for await (const size of stream.bytes) sizes.push(JSON.parse(Buffer.from(size).toString()));
    }
    const isComplete = ['error', ...wanted].every((name) => streams.has(name));
    if (isComplete) complete.resolve();
  });
  await complete.promise;
  const to = (name: string) => async (data: string | Uint8Array) =>
    streams.get(name)?.write(Buffer.from(data));
  const code = await program?.({
    command: commandOf(message),
    stdin: streams.get('stdin')?.bytes ?? nothing(),
    sizes,
    stdout: to('stdout'),
    stderr: to('stderr'),
  });
  await streams.get('error')?.write(Buffer.from(exitStatus(code ?? 0)));
  for (const stream of streams.values()) await stream.end();
  socket.end();
}

function serveForward(socket: Duplex, { ports }: PodServerOptions): void {
  const errors = new Map<string, SpdyStream>();
  serveSpdy(socket, async (stream) => {
    await stream.reply();
    const { streamtype, port, requestid } = stream.headers;
    if (streamtype === 'error') return void errors.set(String(requestid), stream);
    const error = errors.get(String(requestid));
    errors.delete(String(requestid));
    const serve = ports?.(Number(port));
    if (serve === undefined) {
      await error?.write(Buffer.from(`nobody listens on port ${String(port)}`));
      await error?.end();
      return await stream.end();
    }
    const { Duplex } = await import('node:stream');
    const answer = new TransformStream<Uint8Array, Uint8Array>();
    serve(Duplex.from({ readable: stream.bytes, writable: answer.writable } as never));
    for await (const bytes of answer.readable) await stream.write(bytes);
    await stream.end();
    await error?.end();
  });
}

function serveSpdy(socket: Duplex, onStream: (stream: SpdyStream) => Promise<void>): void {
  const session = new SpdySession({
    role: 'server',
    compression: zlibHeaderCompression(),
    write: (bytes) =>
      new Promise((resolve, reject) => {
        socket.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
    onStream: (stream) => void onStream(stream).catch(() => {}),
  });
  const read = async (): Promise<void> => {
    for await (const chunk of socket) await session.receive(chunk as Uint8Array);
  };
  void read()
    .catch(() => socket.destroy())
    .finally(() => session.end());
}

async function* nothing(): AsyncGenerator<Uint8Array, undefined> {}

const documents: Readonly<Record<string, string>> = {
  '/version': JSON.stringify({ major: '1', minor: '36', gitVersion: 'v1.36.0' }),
  '/api?timeout=32s': JSON.stringify({ kind: 'APIVersions', versions: ['v1'] }),
  '/apis?timeout=32s': JSON.stringify({ kind: 'APIGroupList', apiVersion: 'v1', groups: [] }),
  '/api/v1?timeout=32s': JSON.stringify({
    kind: 'APIResourceList',
    groupVersion: 'v1',
    resources: [
      {
        name: 'pods',
        singularName: 'pod',
        kind: 'Pod',
        namespaced: true,
        verbs: ['get', 'create'],
      },
    ],
  }),
};

const podText = JSON.stringify({
  kind: 'Pod',
  apiVersion: 'v1',
  metadata: { name: 'web-0', namespace: 'default', uid: 'u', resourceVersion: '1' },
  spec: { containers: [{ name: 'main', image: 'x' }] },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
});
