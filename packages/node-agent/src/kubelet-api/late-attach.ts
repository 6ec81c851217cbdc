import { type Clock, sleep } from '@fairway/host';
import type { Program } from '@fairway/protocol/pods';
import type { PodRuntime } from '../runtime/pod-runtime.ts';

/** A container that ended so soon after somebody came may have said everything before. */
const lateMs = 1_000;
/** A runtime lets go of the streams of a container before it knows that it has ended. */
const lookMs = 50;
const lookTimesMax = 20;

interface LateAttach {
  readonly containerId: string;
  readonly runtime: Pick<PodRuntime, 'containerRecord'>;
  readonly clock: Clock;
}

/**
 * The program of whoever attaches to a container. One who was shown nothing, because the container was ending
 * just then, is told that it does not run, as one who comes later is: kubectl then shows its log instead.
 */
export function tellingLateness(attached: Program, of: LateAttach): Program {
  return async ({ stdin, sizes, signal, ...process }) => {
    const cameMs = of.clock.now();
    let hasShown = false;
    const showing = (write: typeof process.stdout): typeof process.stdout => {
      return (bytes) => {
        hasShown = true;
        return write(bytes);
      };
    };
    const { stdout, stderr } = process;
    const shown = { stdout: showing(stdout), stderr: showing(stderr) };
    const code = await attached({ stdin, sizes, signal, ...shown });
    if (hasShown) return code;
    const record = await settledRecord(of, signal);
    const endedMs = record?.state === 'exited' ? record.finishedMs : undefined;
    if (endedMs === undefined || endedMs > cameMs + lateMs) return code;
    throw new Error(`container not running (${of.containerId})`);
  };
}

async function settledRecord(
  { runtime, containerId, clock }: LateAttach,
  signal: AbortSignal,
): ReturnType<PodRuntime['containerRecord']> {
  for (let times = 0; ; times++) {
    const record = await runtime.containerRecord(containerId);
    if (record?.state !== 'running' || times === lookTimesMax) return record;
    await sleep(clock, lookMs, signal);
  }
}
