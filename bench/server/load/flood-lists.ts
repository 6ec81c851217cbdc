import { type ClientHttp2Session, connect } from 'node:http2';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LoadTarget, serveLoad } from './run-load.ts';
import { percentile } from './percentile.ts';

export interface FloodOptions extends LoadTarget {
  /** Of two users that are no administrators. */
  readonly floodToken: string;
  readonly quietToken: string;
  /** Lists that the first asks for at once, again and again; 0: the second asks. */
  readonly listsAtOnce: number;
  readonly seconds: number;
}

export interface FloodResult {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly watchP99Ms: number;
  readonly asked: number;
  readonly refused: number;
}

export interface FloodCounts {
  readonly served: number;
  readonly refused: number;
}

const connections = 10;
const maps = '/api/v1/namespaces/default/configmaps';

await serveLoad<FloodOptions>(async (options) =>
  options.listsAtOnce > 0 ? flood(options) : askQuietly(options),
);

/** In a process of its own: reading what comes is work, too. */
async function flood({
  address,
  floodToken: token,
  listsAtOnce,
  seconds,
}: FloodOptions): Promise<FloodCounts> {
  const sessions = await Promise.all(Array.from({ length: connections }, () => openAs(address)));
  const endMs = performance.now() + seconds * 1_000;
  let served = 0;
  let refused = 0;
  const lists = Array.from({ length: listsAtOnce }, async (_, at) => {
    const session = sessions[at % connections] as ClientHttp2Session;
    while (performance.now() < endMs) {
      const { status } = await ask(session, { token, path: '/api/v1/pods' });
      if (status === 200) served++;
      else {
        refused++;
        // As `Retry-After` says.
        await new Promise((resolve) => setTimeout(resolve, 1_000));
      }
    }
  });
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  for (const session of sessions) session.destroy();
  await Promise.allSettled(lists);
  return { served, refused };
}

async function askQuietly({
  address,
  quietToken: token,
  seconds,
}: FloodOptions): Promise<FloodResult> {
  const session = await openAs(address);
  const watched = new Map<string, (ms: number) => void>();
  const watchMs: number[] = [];
  follow(session, token, (name) => watched.get(name)?.(performance.now()));
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const requestMs: number[] = [];
  let refused = 0;
  const endMs = performance.now() + (seconds - 2) * 1_000;
  for (let at = 0; performance.now() < endMs; at++) {
    const name = `quiet-${process.pid}-${at}`;
    const startMs = performance.now();
    watched.set(name, (seenMs) => watchMs.push(seenMs - startMs));
    const requests = [
      { method: 'POST', path: maps, body: JSON.stringify({ metadata: { name } }) },
      {
        method: 'POST',
        path: '/apis/coordination.k8s.io/v1/namespaces/default/leases',
        body: JSON.stringify({ metadata: { name }, spec: { holderIdentity: name } }),
      },
      { path: '/readyz' },
    ];
    for (const each of requests) {
      const sentMs = performance.now();
      const { status } = await ask(session, { token, ...each });
      requestMs.push(performance.now() - sentMs);
      if (status >= 400) refused++;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  session.destroy();
  return {
    p50Ms: percentile(requestMs, 0.5),
    p99Ms: percentile(requestMs, 0.99),
    maxMs: Math.max(...requestMs),
    watchP99Ms: percentile(watchMs, 0.99),
    asked: requestMs.length,
    refused,
  };
}

async function openAs({ url, directory }: LoadTarget['address']): Promise<ClientHttp2Session> {
  const session = connect(url, {
    ca: readFileSync(join(directory, 'pki', 'ca.crt')),
    settings: { initialWindowSize: 4 * 1024 * 1024 },
  });
  await once(session, 'connect');
  session.setLocalWindowSize(16 * 1024 * 1024);
  session.on('error', () => {});
  return session;
}

function ask(
  session: ClientHttp2Session,
  {
    token,
    path,
    method = 'GET',
    body,
  }: {
    readonly token: string;
    readonly path: string;
    readonly method?: string;
    readonly body?: string;
  },
): Promise<{ readonly status: number }> {
  return new Promise((resolve, reject) => {
    const headers = {
      ':path': path,
      ':method': method,
      'content-type': 'application/json',
      authorization: `Bearer ${token}`,
    };
    const stream = session.request(headers, { endStream: body === undefined });
    let status = 0;
    stream.on('response', (received) => (status = Number(received[':status'])));
    stream.on('data', () => {});
    stream.on('end', () => resolve({ status }));
    stream.on('error', reject);
    stream.on('close', () => reject(new Error(`${path} was cut off`)));
    if (body !== undefined) stream.end(body);
  });
}

/** Tells the names of what is added. */
function follow(session: ClientHttp2Session, token: string, seen: (name: string) => void): void {
  const path = `${maps}?watch=true`;
  const stream = session.request({ ':path': path, authorization: `Bearer ${token}` });
  let rest = '';
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const event = JSON.parse(line) as { object: { metadata: { name: string } } };
      seen(event.object.metadata.name);
    }
  });
  stream.on('error', () => {});
}
