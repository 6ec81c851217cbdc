import { type Logger, type Random, type Timer, silentLogger, sleep } from '@fairway/host';
import {
  ApiError,
  type KubernetesObject,
  type ObjectList,
  type ResourceDescriptor,
} from '@fairway/protocol';
import { isExpired, isTooLargeResourceVersion, isTooManyRequests } from '../api-error-guards.ts';
import type { CallOptions, Form, SelectOptions, WatchOptions } from '../resource/call-options.ts';
import { fetchPage, watchObjects } from '../resource/read-resource.ts';
import { type CallContext, callPath, namespaceOfAll } from '../resource/resource-call.ts';
import type { ObjectEvent } from '../resource/watch-connection.ts';
import { ConnectionError } from '../transport/connection-error.ts';
import { callWithin } from './call-within.ts';
import type { ReflectEvent } from './reflect-event.ts';
import { RetryPace } from './retry-pace.ts';
import { TimedEvents } from './timed-events.ts';

export interface ReflectOptions extends CallOptions, SelectOptions {
  /** Hears of interruptions; none of them needs anybody. */
  readonly logger?: Logger;
}

/**
 * A collection, and every change of it, for as long as the signal does not abort.
 *
 * It outlives resets, refusals, expired versions and servers; it ends without an error when its
 * signal aborts, and by leaving the loop. What the consumer throws is the consumer's.
 */
export interface Reflection<T extends KubernetesObject> extends AsyncIterable<ReflectEvent<T>> {
  /** The same events in the groups in which they arrived: less work per event. */
  batches(): AsyncGenerator<readonly ReflectEvent<T>[], void, undefined>;
}

/**
 * Where a reflection is. `version`: up to where the consumer knows everything, empty at first.
 * `isVersionLost`: the server does not have that version any more, so ask for the latest state.
 */
type State<T extends KubernetesObject> =
  /** Next: ask for a watch that begins with everything there is. */
  | { readonly phase: 'starting'; readonly version: string; readonly isVersionLost: boolean }
  /** Such a watch sends what there is; its bookmark is still to come. */
  | {
      readonly phase: 'streaming-list';
      readonly version: string;
      readonly isVersionLost: boolean;
      readonly events: TimedEvents<T>;
      readonly reminder: Timer;
    }
  /** Next: ask for a page of a list, as servers know it that cannot stream one. */
  | {
      readonly phase: 'listing';
      readonly version: string;
      readonly isVersionLost: boolean;
      readonly continue?: string;
      readonly isUnpaged: boolean;
    }
  /** Next: ask for changes after `version`. */
  | { readonly phase: 'resuming'; readonly version: string; readonly failingSinceMs?: number }
  | {
      readonly phase: 'watching';
      readonly version: string;
      readonly failingSinceMs?: number;
      readonly events: TimedEvents<T>;
      readonly openedAtMs: number;
      /** Something has come that was not known before. */
      readonly hasProgressed: boolean;
      /** A watch from anywhere begins with what exists, in an order that is no order of versions. */
      readonly isFromAnywhere: boolean;
    }
  | { readonly phase: 'waiting'; readonly delayMs: number; readonly next: State<T> };

type StateIn<T extends KubernetesObject, Phase> = Extract<State<T>, { readonly phase: Phase }>;

interface Step<T extends KubernetesObject> {
  readonly state: State<T>;
  readonly events: readonly ReflectEvent<T>[];
}

interface Reflector<T extends KubernetesObject> {
  readonly context: CallContext & { readonly random: Random };
  readonly kind: ResourceDescriptor<T>;
  readonly select: SelectOptions & { readonly as?: Form };
  readonly logger: Logger;
  readonly pace: RetryPace;
  readonly signal: AbortSignal;
}

const pageLimit = 500;
const watchSecondsMin = 300;
const watchSecondsMax = 600;
/** What a server gets beyond its time to end a watch. */
const lifetimeMarginMs = 10_000;
/** Twice what a server takes at most to answer a request that is no watch. */
const listTimeoutMs = 120_000;
const shortWatchMs = 1_000;
/** How long a watch that fails inside the server is asked for again before listing anew. */
const internalErrorMsMax = 30_000;
const retryAfterMsMax = 120_000;
const reminderMs = 10_000;

/** Follows a collection. Nothing is sent before the first event is asked for. */
export function reflectObjects<T extends KubernetesObject>(
  context: CallContext & { readonly random: Random },
  kind: ResourceDescriptor<T>,
  options: ReflectOptions & { readonly as?: Form },
): Reflection<T> {
  const { signal = new AbortController().signal, logger = silentLogger, ...select } = options;
  // A call that cannot be made is a mistake of the caller, and not for the loop to retry.
  callPath({ method: 'GET', kind, namespace: namespaceOfAll(context, kind, select) });
  const batches = (): AsyncGenerator<readonly ReflectEvent<T>[], void, undefined> => {
    const pace = new RetryPace(context);
    return runSteps({ context, kind, select, logger, pace, signal });
  };
  return {
    batches,
    async *[Symbol.asyncIterator]() {
      for await (const batch of batches()) yield* batch;
    },
  };
}

async function* runSteps<T extends KubernetesObject>(
  reflector: Reflector<T>,
): AsyncGenerator<readonly ReflectEvent<T>[], void, undefined> {
  let state: State<T> = { phase: 'starting', version: '', isVersionLost: false };
  try {
    while (!reflector.signal.aborted) {
      const next: Step<T> = await step(reflector, state);
      state = next.state;
      if (next.events.length > 0) yield next.events;
    }
  } finally {
    leave(state);
  }
}

/** Does what a state calls for: at most one answer of the server is waited for. */
function step<T extends KubernetesObject>(
  reflector: Reflector<T>,
  state: State<T>,
): Promise<Step<T>> {
  switch (state.phase) {
    case 'starting':
      return Promise.resolve(startStreamingList(reflector, state));
    case 'streaming-list':
      return readInitialEvents(reflector, state);
    case 'listing':
      return readPage(reflector, state);
    case 'resuming':
      return Promise.resolve({ state: resumeWatch(reflector, state), events: [] });
    case 'watching':
      return readChanges(reflector, state);
    case 'waiting':
      return wait(reflector, state);
  }
}

/** Lets go of what a state holds. */
function leave<T extends KubernetesObject>(state: State<T>): void {
  if ('reminder' in state) state.reminder.cancel();
  if ('events' in state) state.events.close();
}

function startStreamingList<T extends KubernetesObject>(
  reflector: Reflector<T>,
  { version, isVersionLost }: StateIn<T, 'starting'>,
): Step<T> {
  const resourceVersion = isVersionLost ? '' : version;
  const events = openWatch(reflector, {
    ...(resourceVersion === '' ? {} : { resourceVersion }),
    sendInitialEvents: true,
  });
  const reminder = remindEvery(reflector, reminderMs, 'waiting for the end of the initial list');
  return {
    state: { phase: 'streaming-list', version, isVersionLost, events, reminder },
    events: [{ type: 'Init' }],
  };
}

async function readInitialEvents<T extends KubernetesObject>(
  reflector: Reflector<T>,
  state: StateIn<T, 'streaming-list'>,
): Promise<Step<T>> {
  let batch: readonly ObjectEvent<T>[] | undefined;
  try {
    batch = await state.events.next();
  } catch (error) {
    leave(state);
    return afterFailedStream(reflector, state, error);
  }
  if (batch === undefined) {
    leave(state);
    return listInstead(state);
  }
  const end = batch.findIndex(endsInitialEvents);
  const events = (end === -1 ? batch : batch.slice(0, end)).flatMap(initialEventOf);
  if (end === -1) return { state, events };
  state.reminder.cancel();
  const resourceVersion = batch[end]?.object.metadata?.resourceVersion ?? '';
  const watching = watchingFrom(reflector, resourceVersion, state.events);
  const rest = takeChanges(watching, batch.slice(end + 1));
  return {
    state: rest.state,
    events: [...events, { type: 'InitDone', resourceVersion }, ...rest.events],
  };
}

function endsInitialEvents({ type, object }: ObjectEvent<KubernetesObject>): boolean {
  return (
    type === 'BOOKMARK' && object.metadata?.annotations?.['k8s.io/initial-events-end'] === 'true'
  );
}

function initialEventOf<T extends KubernetesObject>({
  type,
  object,
}: ObjectEvent<T>): ReflectEvent<T>[] {
  if (type === 'BOOKMARK') return [];
  return [type === 'DELETED' ? { type: 'Delete', object } : { type: 'InitApply', object }];
}

function afterFailedStream<T extends KubernetesObject>(
  reflector: Reflector<T>,
  { version, isVersionLost }: StateIn<T, 'streaming-list'>,
  error: unknown,
): Step<T> {
  if (isBusy(error)) {
    const again: State<T> = { phase: 'starting', version, isVersionLost };
    return { state: waitBefore(reflector, again, error), events: [] };
  }
  if (isVersionRefused(error)) {
    const anew: State<T> = { phase: 'starting', version, isVersionLost: true };
    return { state: isVersionLost ? waitBefore(reflector, anew, error) : anew, events: [] };
  }
  reflector.logger.debug('listing, because the list could not be streamed', {
    resource: reflector.kind.plural,
    error,
  });
  return listInstead({ version, isVersionLost });
}

function listInstead<T extends KubernetesObject>(from: {
  readonly version: string;
  readonly isVersionLost: boolean;
}): Step<T> {
  const { version, isVersionLost } = from;
  return {
    state: { phase: 'listing', version, isVersionLost, isUnpaged: false },
    events: [{ type: 'Init' }],
  };
}

async function readPage<T extends KubernetesObject>(
  reflector: Reflector<T>,
  state: StateIn<T, 'listing'>,
): Promise<Step<T>> {
  const { context, kind, select, signal } = reflector;
  let page: ObjectList<T>;
  try {
    const limits = { clock: context.clock, signal, timeoutMs: listTimeoutMs };
    page = await callWithin(limits, (ended) =>
      fetchPage<ObjectList<T>>(context, kind, { ...select, ...pageOptions(state), signal: ended }),
    );
  } catch (error) {
    return afterFailedPage(reflector, state, error);
  }
  const events = (page.items ?? []).map((object) => ({ type: 'InitApply' as const, object }));
  const { continue: token = '', resourceVersion = '' } = page.metadata;
  if (token !== '') return { state: { ...state, continue: token }, events };
  return {
    state: { phase: 'resuming', version: resourceVersion },
    events: [...events, { type: 'InitDone', resourceVersion }],
  };
}

function pageOptions<T extends KubernetesObject>(
  state: StateIn<T, 'listing'>,
): { readonly limit: number; readonly resourceVersion?: string; readonly continue?: string } {
  if (state.continue !== undefined) return { limit: pageLimit, continue: state.continue };
  if (state.isVersionLost) return { limit: state.isUnpaged ? 0 : pageLimit };
  if (state.version === '') return { limit: state.isUnpaged ? 0 : pageLimit, resourceVersion: '0' };
  // A real version is answered out of the server's cache, where pages would only cost.
  return { limit: 0, resourceVersion: state.version };
}

function afterFailedPage<T extends KubernetesObject>(
  reflector: Reflector<T>,
  state: StateIn<T, 'listing'>,
  error: unknown,
): Step<T> {
  const { version, isVersionLost } = state;
  const isRefused = isVersionRefused(error);
  if (isRefused && state.continue !== undefined) {
    const { continue: _, ...first } = state;
    return { state: { ...first, isUnpaged: true }, events: [{ type: 'Init' }] };
  }
  if (isRefused && !isVersionLost) return listInstead({ version, isVersionLost: true });
  return { state: startAgain(reflector, { version, isVersionLost }, error), events: [] };
}

function resumeWatch<T extends KubernetesObject>(
  reflector: Reflector<T>,
  { version, failingSinceMs }: StateIn<T, 'resuming'>,
): State<T> {
  const events = openWatch(reflector, version === '' ? {} : { resourceVersion: version });
  const watching = watchingFrom(reflector, version, events);
  return failingSinceMs === undefined ? watching : { ...watching, failingSinceMs };
}

function watchingFrom<T extends KubernetesObject>(
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

async function readChanges<T extends KubernetesObject>(
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
  if (batch !== undefined) return takeChanges(state, batch);
  leave(state);
  return { state: afterEndedWatch(reflector, state), events: [] };
}

function takeChanges<T extends KubernetesObject>(
  state: StateIn<T, 'watching'>,
  batch: readonly ObjectEvent<T>[],
): Step<T> {
  const events: ReflectEvent<T>[] = [];
  let { version, hasProgressed, isFromAnywhere } = state;
  for (const { type, object } of batch) {
    if (type !== 'ADDED') isFromAnywhere = false;
    const { resourceVersion = version } = object.metadata ?? {};
    if (resourceVersion !== version) hasProgressed = true;
    if (!isFromAnywhere) version = resourceVersion;
    if (type === 'BOOKMARK') continue;
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

function afterEndedWatch<T extends KubernetesObject>(
  reflector: Reflector<T>,
  state: StateIn<T, 'watching'>,
): State<T> {
  const { version, hasProgressed, openedAtMs } = state;
  const isShort = reflector.context.clock.elapsed() - openedAtMs < shortWatchMs;
  if (!isShort || hasProgressed) return resumingFrom(state);
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

function startAgain<T extends KubernetesObject>(
  reflector: Reflector<T>,
  from: { readonly version: string; readonly isVersionLost: boolean },
  error: unknown,
): State<T> {
  return waitBefore(reflector, { phase: 'starting', ...from }, error);
}

function waitBefore<T extends KubernetesObject>(
  { pace, logger, kind, signal }: Reflector<T>,
  next: State<T>,
  error: unknown,
): State<T> {
  const delayMs = Math.max(pace.nextDelayMs(), retryAfterMs(error));
  if (!signal.aborted) {
    logger.warn('a watch was interrupted', { resource: kind.plural, error, retryInMs: delayMs });
  }
  return { phase: 'waiting', delayMs, next };
}

async function wait<T extends KubernetesObject>(
  { context, signal }: Reflector<T>,
  { delayMs, next }: StateIn<T, 'waiting'>,
): Promise<Step<T>> {
  try {
    await sleep(context.clock, delayMs, signal);
  } catch (error) {
    // The loop sees the signal by itself, and ends without an error.
    if (!signal.aborted) throw error;
  }
  return { state: next, events: [] };
}

function openWatch<T extends KubernetesObject>(
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

function remindEvery<T extends KubernetesObject>(
  { context, logger, kind }: Reflector<T>,
  everyMs: number,
  message: string,
): Timer {
  const { clock } = context;
  const startedAtMs = clock.elapsed();
  const remind = (): void => {
    logger.warn(message, { resource: kind.plural, waitedMs: clock.elapsed() - startedAtMs });
    timer = clock.schedule(everyMs, remind);
  };
  let timer = clock.schedule(everyMs, remind);
  return { cancel: () => timer.cancel() };
}

/** Nobody was there to answer, or the server wants to be asked later: what is known still holds. */
function isBusy(error: unknown): boolean {
  if (error instanceof ConnectionError) return error.problem === 'refused' || error.isUnsent;
  return isTooManyRequests(error);
}

/** The server has not got this version: not any more, or not yet. */
function isVersionRefused(error: unknown): boolean {
  return isExpired(error) || isTooLargeResourceVersion(error);
}

function retryAfterMs(error: unknown): number {
  if (!(error instanceof ApiError)) return 0;
  const { retryAfterSeconds = 0 } = error.status.details ?? {};
  return Math.min(retryAfterSeconds * 1000, retryAfterMsMax);
}
