import { setTimeout as sleep } from 'node:timers/promises';
import { churn } from './churn.ts';
import type { Stress } from './stress.ts';

const rounds = 8;
const megabyte = 1_000_000;

export interface MemoryRounds {
  /** Created, listed and deleted each round. */
  readonly objects: number;
  readonly idleMs: number;
  /** Short ones do not reach what the caches may keep, so that their growth says nothing. */
  readonly isJudged: boolean;
}

/** Rounds of creating, listing and deleting must not leave more each time; idleness gives back. */
export async function runMemoryRounds(
  stress: Stress,
  { objects, idleMs, isJudged }: MemoryRounds,
): Promise<void> {
  const { report, server } = stress;
  let second = 0;
  for (let round = 1; round <= rounds; round++) {
    await churn(stress, { count: objects, name: `memory-${round}` });
    const { rss = 0, arrayBuffers = 0 } = (await server.observe()) ?? {};
    console.log(`round ${round}: ${mb(rss)} MB resident, ${mb(arrayBuffers)} MB in buffers`);
    if (round === 2) second = rss;
    if (round === rounds) {
      report.measure(`memory of round ${rounds} : round 2`, rss / second, {
        limit: 1.2,
        unit: '×',
      });
    }
  }
  await sleep(idleMs);
  const { rss = 0 } = (await server.observe()) ?? {};
  const limit = isJudged ? 200 : Infinity;
  report.measure(`memory after ${idleMs / 1_000} idle seconds`, rss / megabyte, {
    limit,
    unit: 'MB',
  });
}

function mb(bytes: number): string {
  return (bytes / megabyte).toFixed(0);
}
