import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CreateResult } from './load/create-pods.ts';
import type { ListResult } from './load/list-pods.ts';
import { percentile } from './load/percentile.ts';
import { measureAdmissionWebhooks } from './admission-webhooks.ts';
import { measureFairness } from './fairness.ts';
import { measureOwnership } from './ownership.ts';
import { measurePolicies } from './policies.ts';
import { measureQuotas } from './quotas.ts';
import { measureWatching } from './watching.ts';
import { runLoad } from './load/run-load.ts';
import { type ServerAddress, openSession, requestOk } from './load/session.ts';
import type { WatchResult } from './load/watch-secrets.ts';
import { rssMegabytesOf } from './process-usage.ts';
import { installedProgram } from './published-program.ts';
import {
  type ClusterPlace,
  type Program,
  type ServerProcess,
  sourceProgram,
  startClusterProcess,
  startPlainProcess,
} from './server-process.ts';

const pods = 10_000;
const clients = 32;
const idleMs = 10_000;
const startsEach = 3;

/**
 * Measures the whole server as `fairway up` runs it, in a process of its own and loaded from
 * another, and prints the figures. `FAIRWAY_BENCH_ONLY` names the parts to measure, all when it is not set.
 */
export async function runServerBench(): Promise<void> {
  const only = process.env['FAIRWAY_BENCH_ONLY']?.split(',') ?? Object.keys(parts);
  for (const [name, measure] of Object.entries(parts)) {
    if (!only.includes(name)) continue;
    const directory = await mkdtemp(join(tmpdir(), 'fairway-bench-'));
    try {
      await measure(directory);
    } finally {
      await rm(directory, { recursive: true });
    }
  }
}

const parts: Readonly<Record<string, (directory: string) => Promise<void>>> = {
  ownership: () => measureOwnership(print),
  policies: () => measurePolicies(print),
  quotas: () => measureQuotas(print),
  webhooks: () => measureAdmissionWebhooks(print),
  watching: () => measureWatching(print),
  fairness: (directory) => measureFairness(directory, print),
  starts: measurePrograms,
  load: measureLoad,
  scheduled: measureScheduled,
};

/** What is published, and the sources. */
async function measurePrograms(directory: string): Promise<void> {
  const programs = { published: await installedProgram(), sources: sourceProgram };
  for (const [name, program] of Object.entries(programs)) {
    const place = join(directory, name);
    await measureStarts(name, { place, program });
    await measureIdle(name, {
      directory: join(place, 'data'),
      compileCache: join(place, 'cache'),
      program,
    });
  }
}

async function measureIdle(name: string, place: ClusterPlace): Promise<void> {
  await warmCompileCache(place);
  await using cluster = await startClusterProcess(place);
  await sleep(idleMs);
  print(`idle RSS after 10 s: ${name}`, `${rssMegabytesOf(cluster.pid).toFixed(0)} MB`);
}

/**
 * What the API takes, without a scheduler, which writes two more times for each pod. Where the transport has a
 * say, a plain `node:http2` server that sends the same bytes is measured in the same run.
 */
async function measureLoad(directory: string): Promise<void> {
  const nodeFlags = process.env['FAIRWAY_BENCH_NODE_FLAGS']?.split(' ') ?? [];
  const place = { directory: join(directory, 'data'), compileCache: join(directory, 'cache') };
  const flags = ['--no-scheduler'];
  await warmCompileCache({ ...place, flags });
  await using cluster = await startClusterProcess({ ...place, flags, nodeFlags });
  await measureCreates('fairway', cluster, 'bench');
  await measureLists('fairway', cluster);
  await measureWatches('fairway', cluster);
  print('RSS after the load', `${rssMegabytesOf(cluster.pid).toFixed(0)} MB`);
  const listFile = join(directory, 'list.json');
  await writeFile(listFile, await listText(cluster.address));
  await using plain = await startPlainProcess(cluster.address, listFile);
  await measureCreates('plain node:http2, nothing stored', plain, 'plain');
  await measureLists('plain node:http2', plain);
  await measureWatches('plain node:http2', plain);
}

/** The same pods where the scheduler says of each that there is no node: an event and a condition. */
async function measureScheduled(directory: string): Promise<void> {
  const place = { directory: join(directory, 'data'), compileCache: join(directory, 'cache') };
  await warmCompileCache(place);
  await using cluster = await startClusterProcess(place);
  await measureCreates('fairway with its scheduler, no node', cluster, 'bench');
}

/**
 * A server that is ended as soon as it is ready leaves what it would have loaded next out of the
 * cache, and the next one holds 12 MB of what strips types.
 */
async function warmCompileCache(place: ClusterPlace): Promise<void> {
  await using _cluster = await startClusterProcess(place);
  await sleep(1_000);
}

async function measureStarts(
  name: string,
  { place, program }: { readonly place: string; readonly program: Program },
): Promise<void> {
  const first: Start[] = [];
  const fresh: Start[] = [];
  const later: Start[] = [];
  for (let round = 0; round < startsEach; round++) {
    const directory = join(place, round === 0 ? 'data' : `data-${round}`);
    const compileCache = join(place, round === 0 ? 'cache' : `cache-${round}`);
    const start = { directory, compileCache, program };
    first.push(await timeStart(start));
    fresh.push(await timeStart({ ...start, directory: `${directory}-fresh` }));
    later.push(await timeStart(start));
  }
  print(`boot to ready, first start ever: ${name}`, medianOf(first));
  print(`boot to ready, new data directory: ${name}`, medianOf(fresh));
  print(`boot to ready, later start: ${name}`, medianOf(later));
}

interface Start {
  readonly readyMs: number;
  readonly readyCpuMs: number;
}

async function timeStart(place: ClusterPlace): Promise<Start> {
  await using cluster = await startClusterProcess(place);
  const { readyMs, readyCpuMs } = cluster;
  return { readyMs, readyCpuMs };
}

function medianOf(starts: readonly Start[]): string {
  const median = (values: readonly number[]): string => percentile(values, 0.5).toFixed(0);
  const wall = median(starts.map(({ readyMs }) => readyMs));
  const cpu = median(starts.map(({ readyCpuMs }) => readyCpuMs));
  return `${wall} ms  ${cpu} ms CPU`;
}

async function measureCreates(
  who: string,
  server: ServerProcess,
  namePrefix: string,
): Promise<void> {
  const result = await runLoad<CreateResult>('create-pods', {
    ...server,
    pods,
    clients,
    namePrefix,
  });
  const { createsPerSecond, p50Ms, p99Ms, cpuMsEach } = result;
  print(
    `create ${pods} pods, ${clients} clients: ${who}`,
    `${createsPerSecond.toFixed(0)}/s  p50 ${p50Ms.toFixed(1)} ms  p99 ${p99Ms.toFixed(1)} ms  ` +
      `${cpuMsEach.toFixed(2)} ms CPU each`,
  );
}

async function measureLists(who: string, server: ServerProcess): Promise<void> {
  const { cold, warm } = await runLoad<ListResult>('list-pods', { ...server, repeats: 20 });
  for (const [name, figures] of [
    ['cold', cold],
    ['warm', warm],
  ] as const) {
    const megabytes = figures.bytes / 1e6;
    print(
      `LIST ${pods} pods, ${name}: ${who}`,
      `${figures.wallMs.toFixed(0)} ms  ${figures.cpuMs.toFixed(0)} ms CPU  first byte ` +
        `${figures.firstByteMs.toFixed(0)} ms  ${megabytes.toFixed(1)} MB  ` +
        `${(megabytes / (figures.wallMs / 1000)).toFixed(0)} MB/s`,
    );
  }
}

async function measureWatches(who: string, server: ServerProcess): Promise<void> {
  for (const writers of [1, 8]) {
    const result = await runLoad<WatchResult>('watch-secrets', {
      ...server,
      connections: 10,
      watchesEach: 100,
      updates: 300,
      writers,
    });
    print(
      `1,000 watches on 10 connections, ${writers} ${writers === 1 ? 'writer' : 'writers'}: ${who}`,
      `${result.deliveriesPerSecond.toFixed(0)} deliveries/s  ` +
        `${result.cpuMicrosecondsEach.toFixed(1)} µs CPU each  ` +
        `opening a watch ${result.openMsEach.toFixed(2)} ms`,
    );
  }
}

async function listText(address: ServerAddress): Promise<string> {
  await using session = await openSession(address);
  return await requestOk(session.http2, { path: '/api/v1/pods?resourceVersion=0', method: 'GET' });
}

function print(what: string, figures: string): void {
  process.stdout.write(`${what.padEnd(68)} ${figures}\n`);
}
