import { type Clock, sleep } from '@fairway/host';

/** What has failed, or ended early, is run again after this long. */
const restartMs = 5_000;

/**
 * Runs work until the signal aborts: again when it has ended, and when it has failed, of which `onFailure`
 * is told. What fails because it is told to end is no failure.
 */
export async function keepRunning(
  work: () => Promise<void>,
  options: {
    readonly clock: Clock;
    readonly signal: AbortSignal;
    readonly onFailure: (error: unknown) => void;
  },
): Promise<void> {
  const { clock, signal, onFailure } = options;
  while (!signal.aborted) {
    try {
      await work();
    } catch (error) {
      if (signal.aborted) return;
      onFailure(error);
    }
    await sleep(clock, restartMs, signal).catch(() => undefined);
  }
}
