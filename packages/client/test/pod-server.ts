import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { type Duplex, duplexPair } from 'node:stream';
import type { ByteStream, HttpRequest, UpgradeAnswer } from '@fairway/protocol';
import { byteStreamOf } from '@fairway/protocol/nodejs';
import { type ServedProcess, acceptPorts, acceptProcess } from '@fairway/protocol/pods';
import { joinByteStreams } from '@fairway/protocol/streams';
import { systemClock } from '@fairway/host/nodejs';
import { type SmallServer, listen, pem } from './small-server.ts';

/** What a process of the test does with its streams; answers its exit code. */
export type Program = (process: {
  readonly command: readonly string[];
  /** Empty when nobody sends any. */
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly sizes: ServedProcess['sizes'];
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

/** A server with one pod over TLS, whose streams are those that a node agent serves. */
export async function servePod(options: PodServerOptions = {}): Promise<PodServer> {
  const requests: string[] = [];
  const asked: string[] = [];
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
    if (/websocket/i.test(upgrade) && options.knowsWebSocket === false) {
      return refuse(socket, { status: 403, body: 'unable to negotiate protocol' });
    }
    const answer = answerUpgrade(requestOf(message), options);
    if (answer.kind === 'refused') return refuse(socket, { status: 403, body: '' });
    const lines = Object.entries(answer.headers).map(
      ([name, value]) => `${name}: ${String(value)}`,
    );
    const status = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade';
    socket.write(`${status}\r\n${lines.join('\r\n')}\r\n\r\n`);
    if (options.junk !== undefined) return void socket.write(options.junk);
    joinByteStreams(byteStreamOf(socket, head), answer.stream).catch(() => {}); // Cut by a test.
  });
  return Object.assign(await listen(server, 'https'), { asked, requests });
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

function requestOf(message: IncomingMessage): HttpRequest {
  const [path = '', query = ''] = (message.url ?? '').split('?');
  const { method = 'GET' } = message;
  const headers = message.headers as HttpRequest['headers'];
  return { method, path, query, headers, body: undefined, signal: new AbortController().signal };
}

function answerUpgrade(request: HttpRequest, { program, ports }: PodServerOptions): UpgradeAnswer {
  if (request.path.endsWith('/portforward')) {
    return acceptPorts(request, { clock: systemClock, connect: (port) => connectTo(port, ports) });
  }
  const query = new URLSearchParams(request.query);
  const isWanted = (name: string): boolean => query.get(name) === 'true';
  return acceptProcess(request, {
    clock: systemClock,
    streams: {
      stdin: isWanted('stdin'),
      stdout: isWanted('stdout'),
      stderr: isWanted('stderr'),
      tty: isWanted('tty'),
    },
    program: async (process) =>
      (await program?.({
        command: query.getAll('command'),
        stdin: process.stdin,
        sizes: process.sizes,
        stdout: (data) => process.stdout(Buffer.from(data)),
        stderr: (data) => process.stderr(Buffer.from(data)),
      })) ?? 0,
  });
}

async function connectTo(port: number, ports: PodServerOptions['ports']): Promise<ByteStream> {
  const serve = ports?.(port);
  if (serve === undefined) throw new Error(`nobody listens on port ${port}`);
  const [near, far] = duplexPair();
  serve(far);
  return byteStreamOf(near);
}

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
