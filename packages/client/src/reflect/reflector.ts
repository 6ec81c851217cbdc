import { type Logger, type Random, silentLogger, sleep } from '@fairway/host';
import type { KubernetesObject, ResourceDescriptor } from '@fairway/protocol';
import type { CallOptions, Form, SelectOptions } from '../resource/call-options.ts';
import type { CallContext } from '../resource/resource-call.ts';
import { readInitialEvents, readPage, startStreamingList } from './initial-list.ts';
import { readChanges, resumeWatch } from './live-watch.ts';
import type { ReflectEvent } from './reflect-event.ts';
import { type Reflector, type State, type StateIn, type Step, leave } from './reflect-state.ts';
import { RetryPace } from './retry-pace.ts';

export interface ReflectOptions extends CallOptions, SelectOptions {
  /**
   * Gets a message for each interruption. The reflector recovers by itself, so none needs action.
   */
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

/** Follows a collection. Nothing is sent before the first event is asked for. */
export function reflectObjects<T extends KubernetesObject>(
  context: CallContext & { readonly random: Random },
  kind: ResourceDescriptor<T>,
  options: ReflectOptions & { readonly as?: Form },
): Reflection<T> {
  const { signal = new AbortController().signal, logger = silentLogger, ...select } = options;
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
      if (next.events.length > 0 && !reflector.signal.aborted) yield next.events;
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
