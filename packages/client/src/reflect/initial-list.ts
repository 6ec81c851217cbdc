import type { Timer } from '@fairway/host';
import type { KubernetesObject, ObjectList } from '@fairway/protocol';
import { fetchPage } from '../resource/read-resource.ts';
import { ContinueTokens } from '../resource/require-answer.ts';
import type { ObjectEvent } from '../resource/watch-connection.ts';
import { isUnavailable } from '../is-unavailable.ts';
import { callWithin } from '../transport/call-within.ts';
import { openWatch, takeChanges, watchingFrom } from './live-watch.ts';
import type { ReflectEvent } from './reflect-event.ts';
import { isNamed } from './named-objects.ts';
import { type Reflector, type State, type StateIn, type Step, leave } from './reflect-state.ts';
import { isBusy, isVersionRefused, startAgain, waitBefore } from './wait-before-retry.ts';

const pageLimit = 500;
/** Twice what a server takes at most to answer a request that is no watch. */
const listTimeoutMs = 120_000;
const reminderMs = 10_000;

/** Asks for a watch that begins with everything there is. */
export function startStreamingList<T extends KubernetesObject>(
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

/** Reads what there is, until the bookmark that ends it. */
export async function readInitialEvents<T extends KubernetesObject>(
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
    return listInstead(reflector, state);
  }
  const end = batch.findIndex(endsInitialEvents);
  const events = (end === -1 ? batch : batch.slice(0, end)).flatMap((event) =>
    initialEventOf(reflector, event),
  );
  if (end === -1) return { state, events };
  state.reminder.cancel();
  const resourceVersion = batch[end]?.object.metadata?.resourceVersion ?? '';
  const watching = watchingFrom(reflector, resourceVersion, state.events);
  const rest = takeChanges(reflector, watching, batch.slice(end + 1));
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

function initialEventOf<T extends KubernetesObject>(
  reflector: Reflector<T>,
  { type, object }: ObjectEvent<T>,
): ReflectEvent<T>[] {
  if (type === 'BOOKMARK' || !isNamed(reflector, object)) return [];
  return [type === 'DELETED' ? { type: 'Delete', object } : { type: 'InitApply', object }];
}

function afterFailedStream<T extends KubernetesObject>(
  reflector: Reflector<T>,
  { version, isVersionLost, events }: StateIn<T, 'streaming-list'>,
  error: unknown,
): Step<T> {
  if (isBusy(error) && !events.isAccepted) {
    const again: State<T> = { phase: 'starting', version, isVersionLost };
    return { state: waitBefore(reflector, again, error), events: [] };
  }
  if (isVersionRefused(error)) {
    const anew: State<T> = { phase: 'starting', version, isVersionLost: true };
    return { state: isVersionLost ? waitBefore(reflector, anew, error) : anew, events: [] };
  }
  if (isUnavailable(error)) {
    // The streamed list was cut in the middle; a proxy with a short timeout would cut it again, so
    // the collection is listed instead.
    const listing = listInstead(reflector, { version, isVersionLost });
    return { ...listing, state: waitBefore(reflector, listing.state, error) };
  }
  reflector.logger.debug('listing, because the list could not be streamed', {
    resource: reflector.kind.plural,
    error,
  });
  return listInstead(reflector, { version, isVersionLost });
}

function listInstead<T extends KubernetesObject>(
  reflector: Reflector<T>,
  from: { readonly version: string; readonly isVersionLost: boolean },
): Step<T> {
  const { version, isVersionLost } = from;
  return {
    state: {
      phase: 'listing',
      version,
      isVersionLost,
      isUnpaged: false,
      tokens: new ContinueTokens(reflector.kind),
    },
    events: [{ type: 'Init' }],
  };
}

/** Asks for one page of a list. */
export async function readPage<T extends KubernetesObject>(
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
    state.tokens.after(page.metadata.continue, page.items?.length ?? 0);
  } catch (error) {
    return afterFailedPage(reflector, state, error);
  }
  const events = (page.items ?? [])
    .filter((object) => isNamed(reflector, object))
    .map((object) => ({ type: 'InitApply' as const, object }));
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
    return {
      state: { ...first, isUnpaged: true, tokens: new ContinueTokens(reflector.kind) },
      events: [{ type: 'Init' }],
    };
  }
  if (isRefused && !isVersionLost) return listInstead(reflector, { version, isVersionLost: true });
  return { state: startAgain(reflector, { version, isVersionLost }, error), events: [] };
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
