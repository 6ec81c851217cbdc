import type { ContainerStatus } from '@fairway/kinds/core/v1';
import { parseTime } from '@fairway/protocol';

const firstBackoffMs = 10_000;
const backoffMsMax = 300_000;
/** A program that ran this long before it ended begins with short pauses again. */
const calmMs = 600_000;

/**
 * How long a kubelet waits before it starts a container again that has ended: not at all the first time, then
 * 10 s, twice as long each time, five minutes at most.
 */
export function restartBackoffMs(ended: ContainerStatus): number {
  const { startedAt, finishedAt } =
    ended.state?.terminated ?? ended.lastState?.terminated ?? ({} as Record<string, undefined>);
  // One that could not be started has begun in 1970, and has not run since then.
  const startedMs = parseTime(startedAt ?? '') || Infinity;
  const ranMs = (parseTime(finishedAt ?? '') ?? 0) - startedMs;
  if (ended.restartCount === 0 || ranMs >= calmMs) return 0;
  return Math.min(firstBackoffMs * 2 ** (ended.restartCount - 1), backoffMsMax);
}

/** When it may start again, in milliseconds since 1970. */
export function restartAtMs(ended: ContainerStatus, nowMs: number): number {
  const { finishedAt } = ended.state?.terminated ?? ended.lastState?.terminated ?? {};
  return (parseTime(finishedAt ?? '') ?? nowMs) + restartBackoffMs(ended);
}
