import { Election, type LeaderElectionOptions, checkTimes } from './election.ts';

/** Somebody else may lead by now. A process that worked as the leader should end. */
export class LeadershipLostError extends Error {
  override readonly name = 'LeadershipLostError';
}

/** Decides who of several does the work. */
export interface LeaderElector {
  /**
   * Waits until this process leads, and calls `lead`, whose signal aborts when that is over. Lets
   * the next one lead when `lead` is done or the signal aborts.
   *
   * Errors: `LeadershipLostError` when another may lead by now; what `lead` throws.
   */
  run(lead: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void>;
  /**
   * For a liveness probe: what is wrong with a process that leads, undefined when nothing is. One that
   * has not renewed its lease for the time that this is valid and `toleranceMs` more (20 seconds when
   * absent) should have ended by itself, and is to be restarted.
   */
  problem(options?: { readonly toleranceMs?: number }): string | undefined;
}

/**
 * An elector for all who name the same Lease, each with an identity of its own. The lease is lost
 * when it could not be renewed in time.
 *
 * Errors: `RangeError` for times that do not go together.
 * Source: coordination/v1 Lease.
 */
export function createLeaderElector(options: LeaderElectionOptions): LeaderElector {
  checkTimes(options);
  const leading = new Set<Election>();
  return {
    run: async (lead, signal) => {
      const election = new Election(options, signal);
      if (!(await election.acquire())) return;
      leading.add(election);
      try {
        await runAsLeader(options, election, lead, signal);
      } finally {
        leading.delete(election);
      }
    },
    problem: ({ toleranceMs = 20_000 } = {}) => {
      const { namespace, name } = options.lease;
      const isLate = ({ unrenewedMs, durationMs }: Election): boolean =>
        unrenewedMs > durationMs + toleranceMs;
      const late = [...leading].find(isLate);
      if (late === undefined) return undefined;
      const seconds = Math.floor(late.unrenewedMs / 1000);
      return `the lease ${namespace}/${name} was not renewed for ${seconds} s, and the work of its leader has not ended`;
    },
  };
}

async function runAsLeader(
  options: LeaderElectionOptions,
  election: Election,
  lead: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const stop = (): void => over.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const working = (async () => lead(over.signal))().finally(() => over.abort());
  const renewing = election.renewUntilLost(over.signal).then((isLost) => {
    if (isLost) over.abort(new LeadershipLostError('the lease was not renewed in time'));
    return isLost;
  });
  try {
    const [outcome, isLost] = await Promise.all([settled(working), renewing]);
    if (isLost) {
      const { namespace, name } = options.lease;
      throw new LeadershipLostError(
        `${options.identity} does not lead any more: the lease ${namespace}/${name} could not be renewed`,
      );
    }
    if ('error' in outcome && !signal.aborted) throw outcome.error;
  } finally {
    signal.removeEventListener('abort', stop);
    await election.release();
  }
}

async function settled(work: Promise<void>): Promise<{ readonly error?: unknown }> {
  try {
    await work;
    return {};
  } catch (error) {
    return { error };
  }
}
