import { ApiError, type KubernetesObject } from '@fairway/protocol';
import type { WatchOptions } from '../resource/call-options.ts';
import { watchObjects } from '../resource/watch-resource.ts';
import type { ObjectEvent } from '../resource/watch-connection.ts';
import { ConnectionError } from '../transport/connection-error.ts';
import { isNamed } from './named-objects.ts';
import type { ReflectEvent } from './reflect-event.ts';
import { type Reflector, type State, type StateIn, type Step, leave } from './reflect-state.ts';
import { TimedEvents } from './timed-events.ts';
import { isBusy, startAgain, waitBefore, waitToResume } from './wait-before-retry.ts';

const watchSecondsMin = 300;
const watchSecondsMax = 600;
/** What a server gets beyond its time to end a watch. */
const lifetimeMarginMs = 10_000;
const shortWatchMs = 1_000;
/** How long a watch that fails inside the server is asked for again before listing anew. */
const internalErrorMsMax = 30_000;

/** Asks for the changes after a version. */
export function resumeWatch<T extends KubernetesObject>(
  reflector: Reflector<T>,
  { version, failingSinceMs }: StateIn<T, 'resuming'>,
): State<T> {
  const events = openWatch(reflector, version === '' ? {} : { resourceVersion: version });
  const watching = watchingFrom(reflector, version, events);
  return failingSinceMs === undefined ? watching : { ...watching, failingSinceMs };
}

/** The state of a watch that has sent nothing yet. */
export function watchingFrom<T extends KubernetesObject>(
  { context }: Reflector<T>,
  version: string,
  events: TimedEvents<T>,
): StateIn<T, 'watching'> {
  return {
    phase: 'watching',
    version,
    events,
    openedAtMs: context.clock.elapsed(),
    hasProgressed: false,
    isFromAnywhere: version === '' || version === '0',
  };
}

/** Reads the next changes. */
export async function readChanges<T extends KubernetesObject>(
  reflector: Reflector<T>,
  state: StateIn<T, 'watching'>,
): Promise<Step<T>> {
  let batch: readonly ObjectEvent<T>[] | undefined;
  try {
    batch = await state.events.next();
  } catch (error) {
    leave(state);
    return { state: afterBrokenWatch(reflector, state, error), events: [] };
  }
  if (batch !== undefined) return takeChanges(reflector, state, batch);
  leave(state);
  return { state: afterEndedWatch(reflector, state), events: [] };
}

/** Turns events into changes, and moves the version on. */
export function takeChanges<T extends KubernetesObject>(
  reflector: Reflector<T>,
  state: StateIn<T, 'watching'>,
  batch: readonly ObjectEvent<T>[],
): Step<T> {
  const events: ReflectEvent<T>[] = [];
  let { version, hasProgressed, isFromAnywhere } = state;
  for (const { type, object } of batch) {
    if (type !== 'ADDED') isFromAnywhere = false;
    const resourceVersion = versionOf(object) ?? version;
    if (resourceVersion !== version) hasProgressed = true;
    if (!isFromAnywhere) version = resourceVersion;
    if (type === 'BOOKMARK' || !isNamed(reflector, object)) continue;
    events.push({ type: type === 'DELETED' ? 'Delete' : 'Apply', object });
  }
  const { failingSinceMs, ...rest } = state;
  const isStillFailing = !hasProgressed && failingSinceMs !== undefined;
  return {
    state: {
      ...rest,
      ...(isStillFailing ? { failingSinceMs } : {}),
      version,
      hasProgressed,
      isFromAnywhere,
    },
    events,
  };
}

// A bookmark without a version is ignored: an empty version must not be remembered.
function versionOf({ metadata }: KubernetesObject): string | undefined {
  const version: unknown = metadata?.resourceVersion;
  return typeof version === 'string' && version !== '' ? version : undefined;
}

function afterEndedWatch<T extends KubernetesObject>(
  reflector: Reflector<T>,
  state: StateIn<T, 'watching'>,
): State<T> {
  const { version, hasProgressed, openedAtMs } = state;
  const lastedMs = reflector.context.clock.elapsed() - openedAtMs;
  // Watches that have lasted as long as they were asked to end at times of their own.
  if (lastedMs >= watchSecondsMin * 1000) return resumingFrom(state);
  if (lastedMs >= shortWatchMs || hasProgressed)
    return waitToResume(reflector, resumingFrom(state));
  const error = new ConnectionError({
    problem: 'closed',
    message: 'a watch ended at once, without an event',
  });
  return startAgain(reflector, { version, isVersionLost: false }, error);
}

function afterBrokenWatch<T extends KubernetesObject>(
  reflector: Reflector<T>,
  state: StateIn<T, 'watching'>,
  error: unknown,
): State<T> {
  const { version, events } = state;
  if (isBusy(error)) return waitBefore(reflector, resumingFrom(state), error);
  if (events.isAccepted) {
    // What the server said in the stream is an answer; a stream that broke has only ended.
    if (!(error instanceof ApiError)) return afterEndedWatch(reflector, state);
    if (error.code === 500) {
      const { failingSinceMs = reflector.context.clock.elapsed() } = state;
      const again: State<T> = { phase: 'resuming', version, failingSinceMs };
      const isPatient = reflector.context.clock.elapsed() - failingSinceMs < internalErrorMsMax;
      if (isPatient) return waitBefore(reflector, again, error);
    }
  }
  return startAgain(reflector, { version, isVersionLost: false }, error);
}

function resumingFrom<T extends KubernetesObject>(state: StateIn<T, 'watching'>): State<T> {
  const { version, failingSinceMs } = state;
  return {
    phase: 'resuming',
    version,
    ...(failingSinceMs === undefined ? {} : { failingSinceMs }),
  };
}

/** Opens a watch that lasts 5 to 10 minutes, so that many do not end together. */
export function openWatch<T extends KubernetesObject>(
  { context, kind, select, signal }: Reflector<T>,
  options: WatchOptions,
): TimedEvents<T> {
  const { clock, random, transport } = context;
  const spread = watchSecondsMax - watchSecondsMin;
  const timeoutSeconds = watchSecondsMin + Math.floor(random.fraction() * spread);
  return new TimedEvents<T>({
    clock,
    transport,
    open: (observed, ended) =>
      watchObjects<T>({ ...context, transport: observed }, kind, {
        ...select,
        ...options,
        allowWatchBookmarks: true,
        timeoutSeconds,
        signal: ended,
      }),
    lifetimeMs: timeoutSeconds * 1000 + lifetimeMarginMs,
    signal,
  });
}
