import { once } from 'node:events';
import { open, mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createReadStream } from 'node:fs';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { makeTestCertificates } from '@fairway/certificates/testing';
import { explicitTarget, unchangingCredentials } from '@fairway/client';
import { type Transport, buildTransport } from '@fairway/client/connect';
import { silentLogger } from '@fairway/host';
import { nodejsMachineFiles as machineFiles } from '@fairway/host/machine';
import { nodejsHost } from '@fairway/host/nodejs';
import { type NodePod, kubeletAccess, kubeletApi, machineUsage } from '@fairway/node-agent';
import { handMadeRuntime } from '@fairway/node-agent/testing';
import type { HttpBody } from '@fairway/protocol';
import { listen } from '@fairway/serving';

const host = nodejsHost();
const lineBytes = 100;
const lineCount = 2_000_000;
const appendedLines = 20_000;

/** What a second of following a log brings, over TLS, against the bare bytes of the same file. */
export async function runKubeletBench(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-bench-'));
  try {
    const path = join(folder, '0.log');
    const certificates = await makeTestCertificates();
    await using kubelet = await openKubelet(path, certificates);
    const followed = await measure(() => follow(kubelet.transport, path));
    const bare = await measure(() => sendBare(path, certificates));
    const read = await measure(() => readAll(kubelet.transport));
    const tail = await measure(() => readTail(kubelet.transport));
    console.log(
      `a log of ${lineCount} lines of ${lineBytes} bytes, over TLS to a reader in the same process:`,
    );
    console.log(`  followed while it is written: ${shown(followed)}`);
    console.log(`  read from its begin:          ${shown(read)}`);
    console.log(`  bare bytes of the file:       ${shown(bare)}`);
    console.log(`  CPU of following : bare bytes = ${(followed.cpuMs / bare.cpuMs).toFixed(2)}`);
    console.log(`  its last ten lines: ${tail.wallMs.toFixed(1)} ms`);
  } finally {
    await rm(folder, { recursive: true });
  }
}

interface Measured {
  readonly bytes: number;
  readonly wallMs: number;
  readonly cpuMs: number;
}

async function measure(run: () => Promise<number>): Promise<Measured> {
  const [startMs, before] = [performance.now(), process.cpuUsage()];
  const bytes = await run();
  const { user, system } = process.cpuUsage(before);
  return { bytes, wallMs: performance.now() - startMs, cpuMs: (user + system) / 1_000 };
}

function shown({ bytes, wallMs, cpuMs }: Measured): string {
  const rate = (ms: number): string => `${Math.round(bytes / 1_000 / ms)} MB/s`;
  return `${rate(wallMs)}, ${rate(cpuMs)} of CPU`;
}

type Certificates = Awaited<ReturnType<typeof makeTestCertificates>>;

/** A kubelet with one pod, to whose owner the API server allows everything. */
async function openKubelet(
  logPath: string,
  { tls, authority, client }: Certificates,
): Promise<AsyncDisposable & { readonly transport: Transport }> {
  const running = { name: 'main', containerID: 'handmade://c1', state: { running: {} } };
  const pod = {
    metadata: { name: 'web', namespace: 'default', uid: 'u1' },
    spec: { containers: [{ name: 'main' }] },
    status: { containerStatuses: [running] },
  } as unknown as NodePod;
  const ofRuntime = { labels: {}, annotations: {}, createdMs: 0, attempt: 0, image: 'x' };
  const container = {
    ...ofRuntime,
    id: 'c1',
    sandboxId: 's1',
    name: 'main',
    imageId: 'x',
    logPath,
  };
  const runtime = handMadeRuntime({
    pods: [
      {
        uid: 'u1',
        name: 'web',
        namespace: 'default',
        sandboxes: [],
        containers: [{ ...container, state: 'running' }],
      },
    ],
  });
  const allowed = { kind: 'SubjectAccessReview', status: { allowed: true } };
  const api = async () => {
    return { status: 201, headers: {}, body: Buffer.from(JSON.stringify(allowed)) };
  };
  const { handler } = kubeletApi({
    ...kubeletAccess({ api, clock: host.clock }),
    ...host,
    logger: silentLogger,
    nodeName: 'n1',
    pods: { find: () => pod, all: () => [pod] },
    runtime,
    nodeUsage: () => machineUsage({ ...host, machineFiles }, '/'),
    configuration: () => ({}),
    problem: () => undefined,
  });
  const listener = await listen({
    host: '127.0.0.1',
    port: 0,
    handler,
    tls,
    logger: silentLogger,
    clock: host.clock,
  });
  const target = explicitTarget(host.clock, {
    server: listener.url,
    certificateAuthority: authority.certificate,
    credentials: unchangingCredentials({ clientCertificate: client }),
    disableCompression: true,
  });
  const transport = buildTransport(target, host);
  return {
    transport,
    async [Symbol.asyncDispose]() {
      await transport.close();
      await listener.close();
    },
  };
}

const time = '2026-11-29T12:00:00.123456789Z';

/** Made once: to make them is not what is measured. */
const lines = Buffer.from(
  Array.from({ length: appendedLines }, (_, at) => {
    return `${`${time} stdout F ${at} `.padEnd(lineBytes - 1, 'x')}\n`;
  }).join(''),
);

async function request(transport: Transport, query: string): Promise<HttpBody> {
  const { body } = await transport.send({
    method: 'GET',
    path: '/containerLogs/default/web/main',
    query,
    headers: {},
    body: undefined,
    signal: new AbortController().signal,
  });
  return body;
}

/** Follows while the log is written as fast as it is read. Answers how large the log has become. */
async function follow(transport: Transport, path: string): Promise<number> {
  await using file = await open(path, 'a');
  await file.write(lines);
  const body = (await request(transport, 'follow=true')) as AsyncIterable<Uint8Array>;
  const writing = (async () => {
    for (let at = appendedLines; at < lineCount; at += appendedLines) await file.write(lines);
  })();
  const lineStart = `${time} stdout F `.length;
  const expected = lineCount * (lineBytes - lineStart);
  let got = 0;
  for await (const bytes of body) {
    got += bytes.length;
    if (got >= expected) break;
  }
  await writing;
  return lineCount * lineBytes;
}

async function readAll(transport: Transport): Promise<number> {
  for await (const _ of (await request(transport, '')) as AsyncIterable<Uint8Array>);
  return lineCount * lineBytes;
}

async function readTail(transport: Transport): Promise<number> {
  let bytes = 0;
  const body = (await request(transport, 'tailLines=10')) as AsyncIterable<Uint8Array>;
  for await (const chunk of body) bytes += chunk.length;
  return bytes;
}

/** What Node.js itself does with the bytes of a file. */
async function sendBare(path: string, { tls, authority }: Certificates): Promise<number> {
  const server = createTlsServer({ cert: tls.certificate, key: tls.key.reveal() }, (socket) => {
    void pipeline(createReadStream(path, { highWaterMark: 256 * 1024 }), socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = connectTls({ port, host: '127.0.0.1', ca: authority.certificate });
  let bytes = 0;
  for await (const chunk of socket) bytes += (chunk as Buffer).length;
  server.close();
  return bytes;
}
