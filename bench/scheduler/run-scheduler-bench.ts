import { loadServiceAccountKeys } from '@fairway/access';
import { type ApiServer, createApiServer, stampResourceVersion } from '@fairway/apiserver';
import { type Client, createClient } from '@fairway/client';
import { silentLogger } from '@fairway/host';
import { systemClock, systemRandom } from '@fairway/host/nodejs';
import { MemoryFiles } from '@fairway/host/testing';
import { Node, Pod } from '@fairway/kinds/core/v1';
import { runScheduler } from '@fairway/scheduler';
import { createMemoryStore } from '@fairway/store';
import { decisionsPerSecond, nodeOf, podOf } from './decisions.ts';

const nodeCount = 1_000;
const podCount = 3_000;
const writersAtOnce = 32;

/** What a decision costs, and what it costs to carry it out in an API server of the same process. */
export async function runSchedulerBench(): Promise<void> {
  console.log(`pods that a second of CPU decides about, over ${nodeCount} nodes:`);
  for (const row of decisionsPerSecond(nodeCount)) console.log(row);
  await measureBinding();
}

async function measureBinding(): Promise<void> {
  const server = await openServer();
  const parts = { clock: systemClock, random: systemRandom };
  const admin = { username: 'admin', groups: ['system:masters'] };
  const client = createClient({ transport: server.handlerFor(admin), ...parts });
  await inParallel(nodeCount, async (at) => {
    const { status, ...node } = nodeOf(at);
    await client.create(Node, node);
    const name = node.metadata?.name ?? '';
    await client.subresource(Node, name, 'status').patch({ merge: { status } });
  });
  const creating = await measure(() =>
    inParallel(podCount, async (at) => {
      await client.create(Pod, podOf(`pod-${at}`, `app-${at % 20}`, {}));
    }),
  );
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  const scheduling = await measure(async () => {
    const { handlerFor } = server;
    running = runScheduler({ handlerFor, ...parts, logger: silentLogger }, stopping.signal);
    await allBound(client);
  });
  stopping.abort();
  await running;
  await server.close();
  const shown = ({ cpuMs, wallMs }: Measured): string =>
    `${rate(cpuMs)}/s of CPU, ${rate(wallMs)}/s`;
  console.log(`${podCount} pods in an API server of this process, in memory:`);
  console.log(`  created:             ${shown(creating)}`);
  console.log(`  scheduled and bound: ${shown(scheduling)}`);
  console.log(`  CPU of binding : creating = ${(scheduling.cpuMs / creating.cpuMs).toFixed(2)}`);
}

function rate(ms: number): number {
  return Math.round((podCount * 1_000) / ms);
}

function openServer(): Promise<ApiServer> {
  const store = createMemoryStore({ stamp: stampResourceVersion, clock: systemClock });
  return loadServiceAccountKeys(new MemoryFiles(), '/sa.key').then((keys) =>
    createApiServer({
      store,
      clock: systemClock,
      random: systemRandom,
      logger: silentLogger,
      serviceAccountTokens: { keys: () => keys },
      authorityCertificate: 'a cluster without sockets has no certificates',
      advertised: { host: '192.0.2.1', port: 6443 },
      serviceClusterIpRange: '10.0.0.0/16',
      platform: 'linux/amd64',
      disabledAdmissionPlugins: ['ServiceAccount', 'TaintNodesByCondition'],
    }),
  );
}

/** Resolves when every pod has a node: by a watch, whose share of the cost any controller has as well. */
async function allBound(client: Client): Promise<void> {
  let left = podCount;
  const stopping = new AbortController();
  const bound = new Set<string>();
  for await (const event of client.reflect(Pod, { allNamespaces: true, signal: stopping.signal })) {
    if (!('object' in event) || event.object.spec?.nodeName === undefined) continue;
    const name = event.object.metadata?.name ?? '';
    if (bound.has(name)) continue;
    bound.add(name);
    if (--left === 0) stopping.abort();
  }
}

async function inParallel(count: number, work: (at: number) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: writersAtOnce }, async () => {
      while (next < count) await work(next++);
    }),
  );
}

interface Measured {
  readonly cpuMs: number;
  readonly wallMs: number;
}

async function measure(work: () => Promise<void>): Promise<Measured> {
  const start = process.cpuUsage();
  const startedMs = performance.now();
  await work();
  const { user, system } = process.cpuUsage(start);
  return { cpuMs: (user + system) / 1_000, wallMs: performance.now() - startedMs };
}
