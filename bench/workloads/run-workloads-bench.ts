import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ConnectedClient, connect } from '@fairway/client/connect';
import { Deployment } from '@fairway/kinds/apps/v1';
import { Node, Pod } from '@fairway/kinds/core/v1';
import { cpuMsOf, rssMegabytesOf } from '../server/process-usage.ts';
import { type ServerProcess, startClusterProcess } from '../server/server-process.ts';

const idleMs = 60_000;
const isReadyMsMax = 300_000;

/**
 * Measures the whole control plane on simulated nodes, as `fairway up --simulated-nodes` runs it: one process with
 * the server, its controllers, the scheduler and the nodes, asked from another. `FAIRWAY_BENCH_ONLY` names the
 * parts to run.
 */
export async function runWorkloadsBench(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-bench-'));
  const only = process.env['FAIRWAY_BENCH_ONLY']?.split(',') ?? Object.keys(parts);
  try {
    await warmCompileCache(directory);
    for (const name of only) await parts[name]?.(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

const parts: Readonly<Record<string, (directory: string) => Promise<void>>> = {
  idle: measureIdle,
  deployment: measureDeployment,
  pods: measureManyPods,
  large: measureLargeCluster,
};

/** What a control plane with three nodes takes that nobody asks anything. */
async function measureIdle(directory: string): Promise<void> {
  await using bench = await openBench(directory, { nodes: 3 });
  await sleep(10_000);
  const cpuMs = cpuMsOf(bench.process.pid);
  await sleep(idleMs);
  const share = (cpuMsOf(bench.process.pid) - cpuMs) / idleMs;
  print('idle with 3 nodes, RSS', megabytes(bench.process));
  print('… share of a core', `${(share * 100).toFixed(2)} %`);
}

async function measureDeployment(directory: string): Promise<void> {
  await using bench = await openBench(directory, { nodes: 10 });
  const { client } = bench;
  await measure('500 replicas, from apply to all ready', bench, async () => {
    await client.create(Deployment, deployment('web', 500, 'nginx:1'));
    await untilRolledOut(client, ['web']);
  });
  await measure('rolling update of them', bench, async () => {
    const containers = [{ name: 'app', image: 'nginx:2' }];
    await client.patch(Deployment, 'web', {
      strategic: { spec: { template: { spec: { containers } } } },
    });
    await untilRolledOut(client, ['web']);
  });
}

async function measureManyPods(directory: string): Promise<void> {
  const pods = 5_000;
  await using bench = await openBench(directory, { nodes: 100 });
  const { client } = bench;
  const names = Array.from({ length: 10 }, (_, index) => `web-${index}`);
  const { seconds } = await measure(
    `${pods} pods over 100 nodes, from nothing to ready`,
    bench,
    async () => {
      await Promise.all(
        names.map((name) => client.create(Deployment, deployment(name, pods / 10, 'nginx:1'))),
      );
      await untilRolledOut(client, names);
    },
  );
  print('… pods a second', (pods / seconds).toFixed(0));
}

async function measureLargeCluster(directory: string): Promise<void> {
  await using bench = await openBench(directory, { nodes: 1_000 });
  const { client, process } = bench;
  print('1,000 nodes ready, RSS', megabytes(process));
  const names = Array.from({ length: 20 }, (_, index) => `web-${index}`);
  await measure('10,000 pods over 1,000 nodes', bench, async () => {
    await Promise.all(
      names.map((name) => client.create(Deployment, deployment(name, 500, 'nginx:1'))),
    );
    await untilRolledOut(client, names);
  });
  await sleep(30_000);
  print('… RSS half a minute later', megabytes(process));
  const cpuMs = cpuMsOf(process.pid);
  await sleep(idleMs);
  const share = (cpuMsOf(process.pid) - cpuMs) / idleMs;
  print('… idle, share of a core', `${(share * 100).toFixed(1)} %`);
}

interface Bench extends AsyncDisposable {
  readonly process: ServerProcess;
  readonly client: ConnectedClient;
}

async function openBench(directory: string, { nodes }: { readonly nodes: number }): Promise<Bench> {
  const process_ = await startClusterProcess({
    directory: join(directory, `data-${nodes}`),
    compileCache: join(directory, 'cache'),
    flags: ['--simulated-nodes', String(nodes)],
    nodeFlags: process.env['FAIRWAY_BENCH_NODE_FLAGS']?.split(' ') ?? [],
  });
  const client = await connect({ kubeconfig: process_.kubeconfig });
  await until(async () => {
    const { items } = await client.list(Node, { limit: 0 }).all();
    const ready = items.filter(
      ({ spec, status }) =>
        (spec?.taints ?? []).length === 0 &&
        status?.conditions?.some((each) => each.type === 'Ready' && each.status === 'True'),
    );
    return ready.length === nodes;
  });
  return {
    process: process_,
    client,
    async [Symbol.asyncDispose]() {
      await client.close();
      await process_[Symbol.asyncDispose]();
    },
  };
}

function deployment(name: string, replicas: number, image: string): Deployment {
  const labels = { app: name };
  const requests = { cpu: '10m', memory: '16Mi' };
  return {
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'app', image, resources: { requests } }] },
      },
    },
  };
}

/** As `kubectl rollout status` sees it. */
async function untilRolledOut(client: ConnectedClient, names: readonly string[]): Promise<void> {
  await Promise.all(
    names.map((name) =>
      client.waitFor(
        Deployment,
        name,
        (each) => {
          const { replicas = 1 } = each?.spec ?? {};
          const {
            observedGeneration,
            updatedReplicas,
            availableReplicas,
            replicas: all,
          } = each?.status ?? {};
          return (
            observedGeneration === each?.metadata?.generation &&
            updatedReplicas === replicas &&
            availableReplicas === replicas &&
            all === replicas
          );
        },
        { timeoutMs: isReadyMsMax },
      ),
    ),
  );
}

async function measure(
  what: string,
  { process, client }: Bench,
  work: () => Promise<void>,
): Promise<{ readonly seconds: number }> {
  const cpuMs = cpuMsOf(process.pid);
  const startMs = performance.now();
  await work();
  const seconds = (performance.now() - startMs) / 1_000;
  const cpuSeconds = (cpuMsOf(process.pid) - cpuMs) / 1_000;
  const { items } = await client.listPage(Pod, { limit: 1, allNamespaces: true });
  print(what, `${seconds.toFixed(2)} s, ${cpuSeconds.toFixed(2)} s CPU, ${megabytes(process)}`);
  if (items.length === 0) throw new Error('a workload without pods was measured');
  return { seconds };
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + isReadyMsMax;
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error('the nodes did not become ready');
    await sleep(200);
  }
}

/** Before, so that nothing is compiled while it is measured. */
async function warmCompileCache(directory: string): Promise<void> {
  await using _bench = await openBench(directory, { nodes: 1 });
  await sleep(1_000);
}

function megabytes({ pid }: ServerProcess): string {
  return `${rssMegabytesOf(pid).toFixed(0)} MB`;
}

function print(what: string, figure: string): void {
  console.log(`${what.padEnd(52)} ${figure}`);
}
