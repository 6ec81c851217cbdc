import type { Client } from '@fairway/client';
import type { Logger } from '@fairway/host';
import type { UserInfo } from '@fairway/protocol';
import {
  type ComponentApi,
  type EventRecorder,
  type LeaderElector,
  clientAs,
  createEventRecorder,
  createInformers,
  createLeaderElector,
  keepRunning,
  whileLeading,
} from '@fairway/reconcile';
import type { Profile } from './cycle/profile.ts';
import { createScheduler } from './create-scheduler.ts';

export interface ClusterSchedulerOptions extends ComponentApi {
  readonly logger: Logger;
  /** One for each name that pods may give; the default one when absent. */
  readonly profiles?: readonly Profile[];
  /**
   * Decides which of several processes schedules; see `createSchedulerElector`. Absent: there is no
   * other.
   */
  readonly elector?: LeaderElector;
}

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
  return whileLeading(work, {
    elector,
    signal,
    onLost: (error) => logger.warn('this process does not schedule any more', { error }),
  });
}

/** Elects among processes, each with an identity of its own, by the Lease of kube-scheduler. */
export function createSchedulerElector(
  options: ComponentApi & { readonly identity: string; readonly logger: Logger },
): LeaderElector {
  const { identity, logger } = options;
  const client = clientFor(options);
  const lease = { namespace: 'kube-system', name: 'kube-scheduler' };
  return createLeaderElector({ client, lease, identity, logger });
}

function keepScheduling(options: ClusterSchedulerOptions, signal: AbortSignal): Promise<void> {
  const { clock, logger } = options;
  const client = clientFor(options);
  return keepRunning(() => schedule(options, client, signal), {
    clock,
    signal,
    onFailure: (error) => logger.error('the scheduler has failed and is run again', { error }),
  });
}

/** Events of pods that wait to be sent. Each pod has one, and thousands may find their nodes within a second. */
const eventsWaitingMax = 10_000;

/** Schedules from caches: its own, with which one that has failed reads everything anew, or shared ones. */
async function schedule(
  { logger, profiles, informers: shared }: ClusterSchedulerOptions,
  client: Client,
  signal: AbortSignal,
): Promise<void> {
  const ending = new AbortController();
  const own = AbortSignal.any([signal, ending.signal]);
  const recorders = new Map<string, EventRecorder>();
  const recorderFor = (component: string): EventRecorder => {
    const known = recorders.get(component);
    if (known !== undefined) return known;
    const recorder = createEventRecorder({
      client,
      component,
      signal: own,
      logger,
      eventsWaitingMax,
    });
    recorders.set(component, recorder);
    return recorder;
  };
  try {
    const informers = shared ?? createInformers({ client, signal: own, logger });
    const scheduler = createScheduler({
      client,
      informers,
      recorderFor,
      logger,
      ...(profiles === undefined ? {} : { profiles }),
    });
    await scheduler.run({ signal: own });
  } finally {
    ending.abort();
    await Promise.all([...recorders.values()].map((recorder) => recorder.flushed()));
  }
}

function clientFor(api: ComponentApi): Client {
  return clientAs(api, user, 'kube-scheduler/fairway');
}
