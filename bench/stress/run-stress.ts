/**
 * `npm run stress [-- --seed N --minutes N]`: kills, churn, hostile callers, slow watchers and
 * ordinary ones, all at once against a `fairway up` of its own, and every promise is checked.
 */
import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { seededRandom } from '@fairway/host/testing';
import { describeMachine } from '../machine.ts';
import { runChurn } from './churn.ts';
import { runHostile } from './hostile.ts';
import { runMemoryRounds } from './memory-rounds.ts';
import { runProbe } from './probe.ts';
import { Report } from './report.ts';
import { runSlowWatchers } from './slow-watchers.ts';
import { type Stress, Caller, configMaps } from './stress.ts';
import { StressedServer } from './stressed-server.ts';
import { Watcher } from './watchers.ts';
import { Writer } from './writers.ts';

const writers = 6;
const watchers = 4;
const blockMsMax = 50;
const killEveryMs = { min: 10_000, max: 25_000 };
/** Below it the rounds that measure memory are short, and not judged. */
const fullMinutesMin = 5;
const megabyte = 1_000_000;

const { values } = parseArgs({
  options: { seed: { type: 'string' }, minutes: { type: 'string', default: '5' } },
});
const seed = Number(values.seed ?? randomInt(1, 2 ** 31));
const minutes = Number(values.minutes);
if (!Number.isSafeInteger(seed) || !(minutes > 0)) {
  console.error('error: --seed takes a whole number, --minutes a positive one');
  process.exit(1);
}
process.exitCode = (await stress()) ? 0 : 1;

async function stress(): Promise<boolean> {
  console.log(`seed ${seed}, ${minutes} minutes, ${describeMachine()}`);
  const directory = await mkdtemp(join(tmpdir(), 'fairway-stress-'));
  const report = new Report();
  try {
    await using server = new StressedServer(directory);
    await server.start();
    await runTogether(server, report);
    await server.killAndRestart();
    const isFull = minutes >= fullMinutesMin;
    await runMemoryRounds(
      { server, report, random: seededRandom(seed), signal: new AbortController().signal },
      { objects: isFull ? 3_000 : 500, idleMs: isFull ? 120_000 : 10_000, isJudged: isFull },
    );
  } catch (error) {
    report.broken(
      `the stress test itself failed: ${error instanceof Error ? error.stack : String(error)}`,
    );
  } finally {
    await rm(directory, { recursive: true });
  }
  const isKept = report.print();
  console.log(
    isKept ? `every promise was kept (seed ${seed})` : `promises were BROKEN (seed ${seed})`,
  );
  return isKept;
}

/** Everything at once for as long as was asked; then what watchers know is compared with a list. */
async function runTogether(server: StressedServer, report: Report): Promise<void> {
  const ending = new AbortController();
  const watchesEnding = new AbortController();
  const random = seededRandom(seed);
  const shared: Stress = { server, report, random, signal: ending.signal };
  const following = Array.from({ length: watchers }, () => new Watcher(shared));
  const watching = Promise.all(following.map((each) => each.run(watchesEnding.signal)));
  const work = Promise.all([
    ...Array.from({ length: writers }, (_, at) => new Writer(shared, `w${at}`).run()),
    runChurn(shared),
    runHostile(shared),
    runSlowWatchers(shared),
    runProbe(shared),
    runKills(shared),
    runObservation(shared),
  ]);
  // Whoever fails first ends it for all.
  const failed = Promise.race([work, watching]);
  await Promise.race([sleep(minutes * 60_000), failed]);
  ending.abort();
  await work;
  await compare(following, shared);
  watchesEnding.abort();
  await watching;
}

async function compare(following: readonly Watcher[], { server, report }: Stress): Promise<void> {
  await using caller = new Caller(server);
  const { text } = await caller.ask({ path: configMaps });
  const { items } = JSON.parse(text) as { items: Parameters<Watcher['isAt']>[0] };
  const untilMs = performance.now() + 10_000;
  for (const [at, watcher] of following.entries()) {
    while (!watcher.isAt(items) && performance.now() < untilMs) await sleep(50);
    if (!watcher.isAt(items)) report.broken(`watcher ${at} does not know what a list says`);
  }
}

async function runKills({ server, report, random, signal }: Stress): Promise<void> {
  while (true) {
    const { min, max } = killEveryMs;
    await sleep(min + random.fraction() * (max - min), undefined, { signal }).catch(
      () => undefined,
    );
    if (signal.aborted) return;
    const killedMs = performance.now();
    await server.killAndRestart();
    report.count('kills');
    report.measure('longest restart', performance.now() - killedMs, { limit: 30_000, unit: 'ms' });
  }
}

async function runObservation({ server, report, signal }: Stress): Promise<void> {
  while (!signal.aborted) {
    await sleep(1_000);
    const seen = await server.observe();
    if (seen === undefined) continue;
    report.measure('memory under load', seen.rss / megabyte, { limit: 700, unit: 'MB' });
    report.measure('longest block of the event loop, CPU', seen.blockedCpuMsMax, {
      limit: blockMsMax,
      unit: 'ms',
    });
    if (seen.blockedCpuMsMax > blockMsMax) {
      report.broken(`blocked for ${seen.blockedCpuMsMax.toFixed(0)} ms: ${seen.blockedBeside}`);
    }
    report.measure('longest block of the event loop, wall', seen.blockedMsMax, {
      limit: Infinity,
      unit: 'ms',
    });
  }
}
