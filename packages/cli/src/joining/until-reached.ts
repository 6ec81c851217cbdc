import { isUnavailable } from '@fairway/client';
import { type Host, messageOf, sleep } from '@fairway/host';

/** Whoever is not reached is asked again after this long. */
const pauseMs = 3_000;

/** Works until the server answers, however long it is away; each reason for that is told once. Errors: any other. */
export async function untilReached<T>(
  { clock, logger }: Pick<Host, 'clock' | 'logger'>,
  work: () => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  let told = '';
  for (;;) {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (!isUnavailable(error)) throw error;
      const message = messageOf(error);
      if (message !== told)
        logger.warn('the API server is not reached, and asked again', { error });
      told = message;
      await sleep(clock, pauseMs, signal);
    }
  }
}
