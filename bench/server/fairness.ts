import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CreateResult } from './load/create-pods.ts';
import type { FloodCounts, FloodResult } from './load/flood-lists.ts';
import { type Session, openSession, requestOk } from './load/session.ts';
import { runLoad } from './load/run-load.ts';
import { costsInTurns, told as toldCosts } from './in-turns.ts';
import { cpuMsOf } from './process-usage.ts';
import { type ServerProcess, startClusterProcess } from './server-process.ts';

type Print = (what: string, figures: string) => void;

const pods = 3_000;
const floodSeconds = 8;
/** Who is refused asks again after a second, as `Retry-After` says: ten times what the server can do. */
const listsAtOnce = 600;
const reads = 4_000;
const turns = { warmUps: 3, rounds: 21 };
const binding = {
  metadata: { name: 'bench' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
  subjects: [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'bench' }],
};

/**
 * What requests pay for their turns, with fairness and without, and what a user has of a server that another one
 * floods with lists.
 */
export async function measureFairness(directory: string, print: Print): Promise<void> {
  const tokens = join(directory, 'tokens.csv');
  await writeFile(tokens, 'flood-token,flood,1,bench\nquiet-token,quiet,2,bench\n');
  const start = (isFair: boolean): Promise<ServerProcess> =>
    startClusterProcess({
      directory: join(directory, isFair ? 'fair' : 'unfair'),
      compileCache: join(directory, 'cache'),
      flags: [
        '--no-scheduler',
        '--token-auth-file',
        tokens,
        `--enable-priority-and-fairness=${isFair}`,
      ],
    });
  await measureIdle(start, print);
  for (const isFair of [true, false]) {
    const who = isFair ? 'fairness' : 'no fairness';
    await using cluster = await start(isFair);
    await using session = await openSession(cluster.address);
    const path = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings';
    await requestOk(session.http2, { path, method: 'POST', body: JSON.stringify(binding) });
    await runLoad<CreateResult>('create-pods', {
      ...cluster,
      pods,
      clients: 32,
      namePrefix: 'bench',
    });
    const options = {
      ...cluster,
      floodToken: 'flood-token',
      quietToken: 'quiet-token',
      listsAtOnce: 0,
      seconds: floodSeconds,
    };
    print(`others alone: ${who}`, told(await runLoad<FloodResult>('flood-lists', options)));
    // Without it the server ends connections of both, as of any flood, and there is nothing to measure.
    if (!isFair) continue;
    const [beside, { served, refused }] = await Promise.all([
      runLoad<FloodResult>('flood-lists', options),
      runLoad<FloodCounts>('flood-lists', { ...options, listsAtOnce }),
    ]);
    print(`others beside ${listsAtOnce} lists of ${pods} pods at once: ${who}`, told(beside));
    print(`these lists in ${floodSeconds} s: ${who}`, `${served} served, ${refused} refused`);
  }
}

/** What a read costs a server that nobody floods, of two that take turns. */
async function measureIdle(
  start: (isFair: boolean) => Promise<ServerProcess>,
  print: Print,
): Promise<void> {
  await using unfair = await start(false);
  await using fair = await start(true);
  await using toUnfair = await openSession(unfair.address);
  await using toFair = await openSession(fair.address);
  const costs = await costsInTurns(
    {
      'no fairness': () => cpuOfReads(unfair, toUnfair),
      fairness: () => cpuOfReads(fair, toFair),
    },
    turns,
  );
  for (const [who, cost] of Object.entries(costs)) {
    print(`GET of a namespace: ${who}`, toldCosts(cost));
  }
}

/** Of one, in microseconds. */
async function cpuOfReads({ pid }: ServerProcess, { http2 }: Session): Promise<number> {
  const read = (): Promise<string> =>
    requestOk(http2, { path: '/api/v1/namespaces/default', method: 'GET' });
  const before = cpuMsOf(pid);
  for (let at = 0; at < reads / 20; at++) await Promise.all(Array.from({ length: 20 }, read));
  return ((cpuMsOf(pid) - before) * 1_000) / reads;
}

function told({ p50Ms, p99Ms, maxMs, watchP99Ms, asked, refused }: FloodResult): string {
  return (
    `p50 ${p50Ms.toFixed(0)} ms  p99 ${p99Ms.toFixed(0)} ms  most ${maxMs.toFixed(0)} ms  ` +
    `watch p99 ${watchP99Ms.toFixed(0)} ms  ${refused} of ${asked} refused`
  );
}
