import { type LeaderElector, LeadershipLostError } from '../leader-election/leader-elector.ts';

/**
 * Works whenever this process leads, until the signal aborts; all the time without an elector. One that
 * has lost the lead, of which `onLost` is told, stands for election again once its work has ended.
 *
 * Errors: what the elector and the work throw.
 */
export async function whileLeading(
  work: (signal: AbortSignal) => Promise<void>,
  options: {
    readonly elector: LeaderElector | undefined;
    readonly signal: AbortSignal;
    readonly onLost: (error: LeadershipLostError) => void;
  },
): Promise<void> {
  const { elector, signal, onLost } = options;
  if (elector === undefined) return work(signal);
  while (!signal.aborted) {
    try {
      await elector.run(work, signal);
    } catch (error) {
      if (!(error instanceof LeadershipLostError)) throw error;
      onLost(error);
    }
  }
}
