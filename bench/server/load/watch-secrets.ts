import type { ClientHttp2Session } from 'node:http2';
import { cpuMsOf } from '../process-usage.ts';
import { Deliveries } from './deliveries.ts';
import { secretJson } from './objects.ts';
import { type LoadTarget, serveLoad } from './run-load.ts';
import { openSession, request, requestOk } from './session.ts';

export interface WatchOptions extends LoadTarget {
  readonly connections: number;
  readonly watchesEach: number;
  readonly updates: number;
  /** How many updates, each of an object of its own, are under way at once. */
  readonly writers: number;
}

export interface WatchResult {
  readonly deliveriesPerSecond: number;
  readonly cpuMicrosecondsEach: number;
  /** From the opening of the first watch to the first event of the last. */
  readonly openMsEach: number;
}

await serveLoad<WatchOptions>(async (options) => {
  const { address, pid, connections, watchesEach, updates, writers } = options;
  await using writing = await openSession(address);
  const path = await makeNamespace(writing.http2, `watched-by-${writers}`);
  await Promise.all(numbers(writers).map((each) => create(writing.http2, path, each)));
  const watches = connections * watchesEach;
  const count = new Deliveries();
  const openedMs = performance.now();
  for (const _ of numbers(connections)) {
    const { http2 } = await openSession(address);
    for (const _ of numbers(watchesEach)) watch(http2, path, count);
  }
  // Each begins with the objects that are there.
  await count.reached(watches * writers);
  const openMsEach = (performance.now() - openedMs) / watches;

  const cpuMs = cpuMsOf(pid);
  const startMs = performance.now();
  let version = 0;
  const work = numbers(writers).map(async (writer) => {
    while (version < updates) await update(writing.http2, `${path}/${nameOf(writer)}`, ++version);
  });
  await Promise.all(work);
  await count.reached(watches * (writers + updates));
  const elapsedMs = performance.now() - startMs;
  const deliveries = watches * updates;
  return {
    deliveriesPerSecond: (deliveries * 1000) / elapsedMs,
    cpuMicrosecondsEach: ((cpuMsOf(pid) - cpuMs) * 1000) / deliveries,
    openMsEach,
  } satisfies WatchResult;
});

/** Answers the path of the secrets of a namespace; no controller adds any. */
async function makeNamespace(http2: ClientHttp2Session, name: string): Promise<string> {
  const body = JSON.stringify({ kind: 'Namespace', apiVersion: 'v1', metadata: { name } });
  await requestOk(http2, { path: '/api/v1/namespaces', method: 'POST', body });
  return `/api/v1/namespaces/${name}/secrets`;
}

function watch(http2: ClientHttp2Session, path: string, count: Deliveries): void {
  request(http2, { path: `${path}?watch=1` }, (chunk) => count.add(chunk)).then(
    () => fail('a watch ended'),
    (error: unknown) => fail(String(error)),
  );
}

async function create(http2: ClientHttp2Session, path: string, writer: number): Promise<void> {
  await requestOk(http2, { path, method: 'POST', body: secretJson(nameOf(writer), 0) });
}

async function update(http2: ClientHttp2Session, path: string, version: number): Promise<void> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  await requestOk(http2, { path, method: 'PUT', body: secretJson(name, version) });
}

function nameOf(writer: number): string {
  return `watched-${writer}`;
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, at) => at);
}

function fail(why: string): void {
  process.stderr.write(`the watch load failed: ${why}\n`);
  process.exit(1);
}
