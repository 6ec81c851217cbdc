import { type Client, createClient } from '@fairway/client';
import { type Clock, type Logger, type Random, sleep } from '@fairway/host';
import type { Handler, UserInfo } from '@fairway/protocol';
import {
  type EventRecorder,
  type LeaderElector,
  LeadershipLostError,
  createEventRecorder,
  createInformers,
  createLeaderElector,
} from '@fairway/reconcile';
import type { Profile } from './cycle/profile.ts';
import { createScheduler } from './create-scheduler.ts';

/** How the scheduler reaches the API. */
export interface SchedulerApi {
  /** The API for a user: in process, or over a connection with the credentials of that user. */
  readonly handlerFor: (user: UserInfo) => Handler;
  readonly clock: Clock;
  readonly random: Random;
}

export interface ClusterSchedulerOptions extends SchedulerApi {
  readonly logger: Logger;
  /** One for each name that pods may give; the default one when absent. */
  readonly profiles?: readonly Profile[];
  /**
   * Decides which of several processes schedules; see `createSchedulerElector`. Absent: there is no
   * other.
   */
  readonly elector?: LeaderElector;
}

/** A scheduler that has failed is run again after this long. */
const restartMs = 5_000;

/** The scheduler of a cluster, as its roles name it. */
const user: UserInfo = {
  username: 'system:kube-scheduler',
  groups: ['system:authenticated'],
};

/**
 * Schedules until the signal aborts, and resolves when what it began has ended.
 *
 * Errors: what the elector throws.
 */
export async function runScheduler(
  options: ClusterSchedulerOptions,
  signal: AbortSignal,
): Promise<void> {
  const { elector, logger } = options;
  const work = (working: AbortSignal): Promise<void> => keepScheduling(options, working);
  if (elector === undefined) return work(signal);
  while (!signal.aborted) {
    try {
      await elector.run(work, signal);
    } catch (error) {
      // What worked has ended: it can stand for election again.
      if (!(error instanceof LeadershipLostError)) throw error;
      logger.warn('this process does not schedule any more', { error });
    }
  }
}

/** Elects among processes, each with an identity of its own, by the Lease of kube-scheduler. */
export function createSchedulerElector(
  options: SchedulerApi & { readonly identity: string; readonly logger: Logger },
): LeaderElector {
  const { identity, logger } = options;
  const client = clientFor(options);
  const lease = { namespace: 'kube-system', name: 'kube-scheduler' };
  return createLeaderElector({ client, lease, identity, logger });
}

async function keepScheduling(
  options: ClusterSchedulerOptions,
  signal: AbortSignal,
): Promise<void> {
  const { clock, logger, profiles } = options;
  const client = clientFor(options);
  while (!signal.aborted) {
    // Its caches end with it: one that has failed reads everything anew.
    const ending = new AbortController();
    const own = AbortSignal.any([signal, ending.signal]);
    const recorders = new Map<string, EventRecorder>();
    const recorderFor = (component: string): EventRecorder => {
      const known = recorders.get(component);
      if (known !== undefined) return known;
      const recorder = createEventRecorder({ client, component, signal: own, logger });
      recorders.set(component, recorder);
      return recorder;
    };
    try {
      const informers = createInformers({ client, signal: own, logger });
      const scheduler = createScheduler({
        client,
        informers,
        recorderFor,
        logger,
        ...(profiles === undefined ? {} : { profiles }),
      });
      await scheduler.run({ signal: own });
    } catch (error) {
      logger.error('the scheduler has failed and is run again', { error });
    }
    ending.abort();
    await Promise.all([...recorders.values()].map((recorder) => recorder.flushed()));
    await sleep(clock, restartMs, signal).catch(() => undefined);
  }
}

/** A client that is known by what uses it. */
function clientFor({ handlerFor, clock, random }: SchedulerApi): Client {
  const next = handlerFor(user);
  const agent = { 'user-agent': 'kube-scheduler/fairway' };
  const transport: Handler = (request) =>
    next({ ...request, headers: { ...request.headers, ...agent } });
  return createClient({ transport, clock, random });
}
