import assert from 'node:assert/strict';
import { createServer as createHttp } from 'node:http';
import { type ServerHttp2Stream, createServer as createHttp2 } from 'node:http2';
import { type AddressInfo, type Server, createServer as createTcp } from 'node:net';
import { test } from 'node:test';
import { ManualClock } from '@fairway/host/testing';
import type { Probe } from '@fairway/kinds/core/v1';
import type { ProbeOutcome } from './probe-outcome.ts';
import { runProbe } from './run-probe.ts';
import { RuntimeError } from '../runtime/runtime-error.ts';
import type { ExecOutcome } from '../runtime/runtime-streams.ts';

const clock = new ManualClock();
const output = (text: string): Uint8Array => Buffer.from(text);

function tryProbe(
  probe: Probe,
  execToEnd: () => Promise<ExecOutcome> = () => Promise.reject(new Error('nobody runs this')),
): Promise<ProbeOutcome> {
  return runProbe(probe, {
    runtime: { execToEnd },
    clock,
    containerId: 'c',
    container: { ports: [{ name: 'web', containerPort: 65_000 }] },
    host: '127.0.0.1',
    signal: new AbortController().signal,
  });
}

/** A server on a port of its own, which ends with the test. */
async function listening<S extends Pick<Server, 'address' | 'close' | 'listen'>>(
  server: S,
): Promise<AsyncDisposable & { readonly port: number }> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

test('a command says by its code whether it has succeeded, and by its output why not', async () => {
  const exec = { exec: { command: ['check', 'it'] }, timeoutSeconds: 2 };
  const answers = (exitCode: number) => async () => ({
    exitCode,
    stdout: output('out '),
    stderr: output('err'),
  });
  assert.deepEqual(await tryProbe(exec, answers(0)), { kind: 'success' });
  assert.deepEqual(await tryProbe(exec, answers(3)), { kind: 'failure', message: 'out err' });
  const late = () => Promise.reject(new RuntimeError('timeout', 'late'));
  const message = 'command timed out: "check it" timed out after 2s';
  assert.deepEqual(await tryProbe(exec, late), { kind: 'failure', message });
  const away = () => Promise.reject(new RuntimeError('unavailable', 'away'));
  assert.deepEqual(await tryProbe(exec, away), { kind: 'error', message: 'away' });
});

test('an HTTP server is asked as a kubelet asks it', async () => {
  const seen: string[] = [];
  await using server = await listening(
    createHttp((request, response) => {
      seen.push(`${request.url} ${request.headers['user-agent']} ${request.headers['x-a']}`);
      if (request.url === '/moved') return response.writeHead(302, { location: '/fine' }).end();
      if (request.url === '/away') {
        return response.writeHead(302, { location: 'http://elsewhere.invalid/' }).end('gone');
      }
      if (request.url === '/silent') return undefined;
      return response.writeHead(request.url === '/fine' ? 200 : 500).end('x'.repeat(100_000));
    }),
  );
  const at = (path: string): Probe => ({
    httpGet: { path, port: server.port, httpHeaders: [{ name: 'X-A', value: 'b' }] },
  });
  assert.deepEqual(await tryProbe(at('/fine')), { kind: 'success' });
  assert.deepEqual(seen, ['/fine kube-probe/1.36 b']);
  assert.deepEqual(await tryProbe(at('/moved')), { kind: 'success' });
  assert.deepEqual(await tryProbe(at('/away')), {
    kind: 'success',
    warning: 'Probe terminated redirects, Response body: gone',
  });
  assert.deepEqual(await tryProbe(at('/bad')), {
    kind: 'failure',
    message: 'HTTP probe failed with statuscode: 500',
  });
  const silent = tryProbe(at('/silent'));
  await clock.advance(1_000);
  assert.deepEqual(await silent, {
    kind: 'failure',
    message: `Get "http://127.0.0.1:${server.port}/silent": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
  });
});

test('what nobody listens on is a failure, a port without a number an error', async () => {
  const { port, ...server } = await listening(createTcp());
  assert.deepEqual(await tryProbe({ tcpSocket: { port } }), { kind: 'success' });
  await server[Symbol.asyncDispose]();
  const refused = `dial tcp 127.0.0.1:${port}: connect: connection refused`;
  assert.deepEqual(await tryProbe({ tcpSocket: { port } }), { kind: 'failure', message: refused });
  assert.deepEqual(await tryProbe({ httpGet: { port, path: '/x' } }), {
    kind: 'failure',
    message: `Get "http://127.0.0.1:${port}/x": ${refused}`,
  });
  assert.deepEqual(await tryProbe({ tcpSocket: { port: 'api' } }), {
    kind: 'error',
    message: 'couldn\'t find port: "api" in the container\'s ports',
  });
  assert.deepEqual(await tryProbe({}), { kind: 'error', message: 'missing probe handler' });
});

test('a gRPC service says whether it serves', async () => {
  const answers = new Map([
    ['', Buffer.from([8, 1])],
    ['down', Buffer.from([8, 2])],
  ]);
  const server = createHttp2();
  server.on('stream', (stream: ServerHttp2Stream) => {
    void stream.toArray().then((chunks: Buffer[]) => {
      const service = Buffer.concat(chunks).subarray(7).toString();
      const message = answers.get(service);
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc' },
        { waitForTrailers: true },
      );
      stream.once('wantTrailers', () =>
        stream.sendTrailers({ 'grpc-status': message === undefined ? '12' : '0' }),
      );
      const head = Buffer.from([0, 0, 0, 0, message?.length ?? 0]);
      stream.end(message === undefined ? undefined : Buffer.concat([head, message]));
    });
  });
  await using listener = await listening(server);
  const { port } = listener;
  assert.deepEqual(await tryProbe({ grpc: { port } }), { kind: 'success' });
  assert.deepEqual(await tryProbe({ grpc: { port, service: 'down' } }), {
    kind: 'failure',
    message: 'service unhealthy (responded with "NOT_SERVING")',
  });
  const other = await tryProbe({ grpc: { port, service: 'other' } });
  assert.match(other.kind === 'failure' ? other.message : '', /does not implement the grpc health/);
});
