import type { ApiServer } from '@fairway/apiserver';
import type { Host } from '@fairway/host';
import type { Informers } from '@fairway/reconcile';

/** Caches that controllers, scheduler and simulated nodes of this process share until `signal`. */
export async function shareInformers(
  { clock, random, logger }: Pick<Host, 'clock' | 'random' | 'logger'>,
  { handlerFor }: Pick<ApiServer, 'handlerFor'>,
  signal: AbortSignal,
): Promise<Informers> {
  const { createSharedInformers } = await import('@fairway/controllers');
  return createSharedInformers({ handlerFor, clock, random, logger }, signal);
}
