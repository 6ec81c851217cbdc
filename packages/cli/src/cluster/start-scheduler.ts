import type { ApiServer } from '@fairway/apiserver';
import type { Host } from '@fairway/host';
import type { Informers } from '@fairway/reconcile';
import type { ComponentState } from './component-state.ts';

/** Loads it once the API answers, so that the first request need not wait, and runs it until `signal`. */
export async function startScheduler(
  { clock, random, logger }: Pick<Host, 'clock' | 'random' | 'logger'>,
  {
    apiServer: { handlerFor },
    informers,
    state,
  }: {
    readonly apiServer: Pick<ApiServer, 'handlerFor'>;
    /** Shared with others of this process. */
    readonly informers: Promise<Informers>;
    readonly state?: ComponentState;
  },
  signal: AbortSignal,
): Promise<void> {
  const { runScheduler } = await import('@fairway/scheduler');
  if (state !== undefined) state.problem = undefined;
  await runScheduler({ handlerFor, clock, random, logger, informers: await informers }, signal);
}
