import type { ContainerUsage, Reading, Usage } from './reading.ts';

/** Two readings of one node, of which the earlier may be missing. */
export interface ReadingPair {
  readonly last: Reading;
  readonly previous?: Reading;
}

/** What is used at a moment, as metrics.k8s.io tells it. */
export interface UsageRate {
  readonly timeMs: number;
  /** Of the time of processors, the mean of so long. */
  readonly windowMs: number;
  readonly nanoCores: bigint;
  readonly memoryBytes: bigint;
}

/** Readings closer to each other make no rate. */
export const windowMsMin = 900;
/** A container that has no earlier reading is measured from its start, while that is not long ago. */
const freshMsMax = 60_000;

/** What a node uses; undefined as long as there is one reading only. */
export function nodeRate({ last, previous }: ReadingPair): UsageRate | undefined {
  if (last.node === undefined || previous?.node === undefined) return undefined;
  return rateOf(last.node, previous.node);
}

/** What a container uses; undefined where too little is known. One that was restarted begins anew. */
export function containerRate({ last, previous }: ReadingPair, key: string): UsageRate | undefined {
  const now = last.containers.get(key);
  if (now === undefined) return undefined;
  const before = previous?.containers.get(key);
  const isSame = before !== undefined && before.startedMs >= now.startedMs - 1_000;
  if (isSame) return rateOf(now, before);
  const isFresh = now.startedMs > 0 && now.timeMs - now.startedMs <= freshMsMax;
  return isFresh ? rateOf(now, startOf(now)) : undefined;
}

function startOf({ startedMs }: ContainerUsage): Usage {
  return { timeMs: startedMs, cpuSeconds: 0, memoryBytes: 0 };
}

function rateOf(now: Usage, before: Usage): UsageRate | undefined {
  const windowMs = now.timeMs - before.timeMs;
  // What counts less than before was started anew.
  if (windowMs < windowMsMin || now.cpuSeconds < before.cpuSeconds) return undefined;
  const cores = ((now.cpuSeconds - before.cpuSeconds) * 1_000) / windowMs;
  return {
    timeMs: now.timeMs,
    windowMs,
    nanoCores: BigInt(Math.round(cores * 1e9)),
    memoryBytes: BigInt(Math.round(now.memoryBytes)),
  };
}
