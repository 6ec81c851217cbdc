import type { ApiServer } from '@fairway/apiserver';
import type { Host } from '@fairway/host';
import type { ComponentState } from './component-state.ts';

/** Loads it once the API answers, so that the first request need not wait, and runs it until `signal`. */
export async function startScheduler(
  { clock, random, logger }: Pick<Host, 'clock' | 'random' | 'logger'>,
  {
    apiServer: { handlerFor },
    state,
  }: { readonly apiServer: Pick<ApiServer, 'handlerFor'>; readonly state?: ComponentState },
  signal: AbortSignal,
): Promise<void> {
  const { runScheduler } = await import('@fairway/scheduler');
  if (state !== undefined) state.problem = undefined;
  await runScheduler({ handlerFor, clock, random, logger }, signal);
}
