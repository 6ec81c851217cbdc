import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import { openSqliteStore, prefixRange, type Store } from '@fairway/store';
import { plannedState, writerCount } from './crash-plan.ts';

// Two stores at a time, one for each core.
const lanes = 2;
const roundsPerLane = 25;
const clock = new ManualClock();

interface Acknowledged {
  /** How many writes of each writer were acknowledged. */
  readonly counts: number[];
  readonly revision: number;
}

test('openSqliteStore finds every acknowledged write whole after SIGKILL, 50 times', async (t) => {
  const seed = Number(process.env['FAIRWAY_CRASH_SEED'] ?? randomInt(1, 2 ** 31));
  t.diagnostic(`FAIRWAY_CRASH_SEED=${seed}`);
  const writes = await Promise.all(
    Array.from({ length: lanes }, (_, lane) => crashAgainAndAgain(seed + lane)),
  );
  const total = writes.reduce((sum, count) => sum + count, 0);
  t.diagnostic(`${total} acknowledged writes`);
  assert.ok(total > lanes * roundsPerLane, `only ${total} writes were acknowledged`);
});

/** Answers how many writes were acknowledged. */
async function crashAgainAndAgain(seed: number): Promise<number> {
  const random = seededRandom(seed);
  const directory = await mkdtemp(join(tmpdir(), 'fairway-crash-'));
  const settled = new Map<string, Map<string, Buffer>>();
  let revision = 1;
  let writes = 0;
  for (let round = 0; round < roundsPerLane; round++) {
    // Now and then it dies while it opens the store.
    const isEarly = round % 7 === 0;
    const delayMs = random.fraction() * (isEarly ? 120 : 60);
    const folder = `/round/${round}/`;
    const acknowledged = await writeAndKill({ directory, folder, isEarly, delayMs });
    const store = await openSqliteStore({ clock, directory });
    const found = await store.currentRevision();
    assert.ok(found >= Math.max(revision, acknowledged.revision), `round ${round}: revision`);
    revision = found;
    writes += acknowledged.counts.reduce((sum, count) => sum + count, 0);
    await judge(store, folder, { counts: acknowledged.counts, settled });
    for (const [earlier, state] of settled) await assertHolds(store, earlier, state);
    await store.close();
  }
  await rm(directory, { recursive: true });
  return writes;
}

// Each writer had at most one write under way: it happened as a whole or not at all.
async function judge(
  store: Store,
  folder: string,
  { counts, settled }: { counts: readonly number[]; settled: Map<string, Map<string, Buffer>> },
): Promise<void> {
  for (const [writer, count] of counts.entries()) {
    const own = `${folder}${writer}/`;
    const found = await contents(store, own);
    const states = [plannedState(own, count), plannedState(own, count + 1)];
    const match = states.find((state) => isSame(state, found));
    assert.ok(match, `${own} is not as after ${count} or ${count + 1} writes`);
    if (match.size > 0) settled.set(own, match);
  }
}

async function assertHolds(
  store: Store,
  folder: string,
  state: Map<string, Buffer>,
): Promise<void> {
  assert.ok(isSame(state, await contents(store, folder)), `${folder} changed later`);
}

async function contents(store: Store, folder: string): Promise<Map<string, Buffer>> {
  const { entries } = await store.list(prefixRange(folder));
  return new Map(entries.map(({ key, value }) => [key, Buffer.from(value)]));
}

function isSame(left: Map<string, Buffer>, right: Map<string, Buffer>): boolean {
  if (left.size !== right.size) return false;
  return [...left].every(([key, value]) => right.get(key)?.equals(value) === true);
}

function writeAndKill(round: {
  directory: string;
  folder: string;
  isEarly: boolean;
  delayMs: number;
}): Promise<Acknowledged> {
  const program = fileURLToPath(new URL('./crash-writer.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    ['--conditions=@fairway/source', program, round.directory, round.folder],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const kill = (): void => void setTimeout(() => child.kill('SIGKILL'), round.delayMs);
  if (round.isEarly) kill();
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    if (output === '' && !round.isEarly) kill();
    output += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (signal === 'SIGKILL') resolve(readAcknowledged(output));
      else reject(new Error(`the writer ended by itself, with code ${code}`));
    });
  });
}

function readAcknowledged(output: string): Acknowledged {
  const counts = Array.from({ length: writerCount }, () => 0);
  let revision = 0;
  for (const line of output.split('\n').slice(1, -1)) {
    const [writer = 0, number = 0, at = 0] = line.split(' ').map(Number);
    assert.equal(counts[writer], number);
    counts[writer] = number + 1;
    revision = Math.max(revision, at);
  }
  return { counts, revision };
}
