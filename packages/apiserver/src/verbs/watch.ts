import { giveWay, type Logger, type Random } from '@fairway/host';
import {
  ApiError,
  type HttpResponse,
  type ListOptions,
  type Status,
  apiError,
  formatFieldSelector,
} from '@fairway/protocol';
import { CompactedError, SlowWatcherError, StoreUnavailableError } from '@fairway/store';
import { storeUnavailable } from '../calls/answer-store-failures.ts';
import { chooseRepresentation } from '../content/representation.ts';
import type { FrameWriter } from '../content/frame-writer.ts';
import { bookmarkOf, frameWriter } from '../content/watch-frames.ts';
import { requireReachedRevision } from '../reads/reached-revision.ts';
import { serveEntries } from '../reads/served-entries.ts';
import { type Selection, isSelected, selectObjects } from '../reads/selection.ts';
import type { Call } from '../calls/call.ts';
import { WatchBody } from './watch-body.ts';
import type { ReadParts } from '../reads/read-page.ts';
import type { WatchMetrics } from '../metrics/watch-metrics.ts';
import type { SharedFrames } from '../content/shared-frames.ts';

/** To follow what is stored. */
export interface WatchParts extends Omit<ReadParts, 'runs' | 'compaction'> {
  readonly sharedFrames: SharedFrames;
  readonly watchMetrics: WatchMetrics;
  readonly random: Random;
  /** How long watches last at least whose callers do not say. */
  readonly watchTimeoutMsMin: number;
  readonly logger: Logger;
  /** Aborts when the server stops: watches end, so that their clients go elsewhere. */
  readonly stopping: AbortSignal;
}

const bookmarkIntervalMs = 60_000;

/**
 * Answers a watch: what is there already when the caller asks for it, then every change, until the
 * time that the caller gave has passed.
 *
 * Source: Kubernetes API concepts, "Efficient detection of changes", "Streaming lists".
 */
export async function watchObjects(
  call: Call<WatchParts>,
  options: ListOptions,
): Promise<HttpResponse> {
  const representation = chooseRepresentation(call.request, call.resource);
  const selection = selectObjects(call.resource, call.target.namespace, namedBy(call, options));
  if (options.sendInitialEvents === true) {
    await requireReachedRevision(call.parts, options.resourceVersion, call.request.signal);
  }
  const watch: Watch = {
    call,
    options,
    selection,
    write: frameWriter(call, representation),
    timeoutMs: timeoutMsOf(call, options),
  };
  return {
    status: 200,
    headers: {
      'cache-control': 'no-cache, private',
      'content-type': streamTypes[representation.format],
    },
    body: streamWatch(watch),
  };
}

/** Below the old `/watch/` a name may stand in the path; no selector leads away from it. */
function namedBy({ target }: Call, options: ListOptions): ListOptions {
  const { fieldSelector = '' } = options;
  if (target.name === '') return options;
  const byName = formatFieldSelector([
    { field: 'metadata.name', isEqual: true, value: target.name },
  ]);
  const selectors = [byName, fieldSelector];
  return { ...options, fieldSelector: selectors.filter((each) => each !== '').join(',') };
}

const streamTypes = {
  json: 'application/json',
  yaml: 'application/json',
  protobuf: 'application/vnd.kubernetes.protobuf;stream=watch',
} as const;

interface Watch {
  readonly call: Call<WatchParts>;
  readonly options: ListOptions;
  readonly selection: Selection;
  readonly write: FrameWriter;
  readonly timeoutMs: number;
}

function streamWatch(watch: Watch): WatchBody {
  const { call, options, selection, write } = watch;
  const { clock, store, facts, sharedFrames } = call.parts;
  const sent = call.parts.watchMetrics.eventsOf(call.resource);
  const view = { resource: call.resource, facts, selection, write, sent };
  const wantsBookmarks = options.allowWatchBookmarks === true;
  let ending: ReturnType<typeof endOfWatch> | undefined;
  return new WatchBody({
    async *begin() {
      ending = endOfWatch(watch);
      const { signal } = ending;
      const after = yield* initialEvents(watch);
      // A version that is still to come has nothing to tell until it has.
      if (after > (await store.currentRevision())) await store.reached(after, signal);
      const batches = store.watch(selection.range, after, signal);
      return { after, batches: batches[Symbol.asyncIterator]() };
    },
    framesOf: (batch) => sharedFrames.framesOf(batch, view),
    bookmarks: wantsBookmarks
      ? { at: (revision) => bookmark(watch, revision), clock, intervalMs: bookmarkIntervalMs }
      : undefined,
    async last(reached, error) {
      if (error !== undefined) {
        return ending?.signal.aborted === true
          ? undefined
          : write.value('ERROR', await statusOf(watch, error));
      }
      // The timeout has come: tell how far this watch got, so that the next one can start there.
      return wantsBookmarks && !call.request.signal.aborted ? bookmark(watch, reached) : undefined;
    },
    release: () => ending?.release(),
  });
}

/** Aborts when the time is up, the caller has gone, or the server stops. */
function endOfWatch({ call, timeoutMs }: Watch): {
  readonly signal: AbortSignal;
  readonly release: () => void;
} {
  const { clock, stopping } = call.parts;
  const ending = new AbortController();
  const end = (): void => ending.abort();
  const timer = clock.schedule(timeoutMs, end);
  const reasons = [call.request.signal, stopping];
  for (const reason of reasons) reason.addEventListener('abort', end, { once: true });
  if (reasons.some(({ aborted }) => aborted)) end();
  return {
    signal: ending.signal,
    release: () => {
      timer.cancel();
      for (const reason of reasons) reason.removeEventListener('abort', end);
      // Whatever still waits for the store does so no longer.
      end();
    },
  };
}

function bookmark({ call, write }: Watch, revision: number): Uint8Array {
  return write.value('BOOKMARK', bookmarkOf(call, revision, { endsInitialEvents: false }));
}

/** Sends what exists already, when asked, and answers the revision after which changes follow. */
async function* initialEvents(watch: Watch): AsyncGenerator<Uint8Array, number> {
  const { options, selection, call, write } = watch;
  const { resourceVersion = '0' } = options;
  const wantsInitial = options.sendInitialEvents ?? resourceVersion === '0';
  if (!wantsInitial)
    return resourceVersion === '0' ? call.parts.store.currentRevision() : Number(resourceVersion);
  const page = await call.parts.store.list(selection.range);
  const scope = { resource: call.resource, facts: call.parts.facts };
  const sent = call.parts.watchMetrics.eventsOf(call.resource);
  for (const entry of await serveEntries(call.resource, page.entries)) {
    const turn = giveWay();
    if (turn !== undefined) await turn;
    if (!isSelected(selection, entry, scope)) continue;
    sent.add();
    yield write.object('ADDED', entry, entry.revision);
  }
  if (options.sendInitialEvents === true && options.allowWatchBookmarks === true) {
    const bookmark = bookmarkOf(call, page.revision, { endsInitialEvents: true });
    yield write.value('BOOKMARK', bookmark);
  }
  return page.revision;
}

async function statusOf({ call, options }: Watch, error: unknown): Promise<Status> {
  if (error instanceof ApiError) return error.status;
  const asked = options.resourceVersion ?? '0';
  if (error instanceof CompactedError) {
    const message = `too old resource version: ${asked} (${error.oldestRevision})`;
    return apiError('Expired', message).status;
  }
  if (error instanceof StoreUnavailableError) return storeUnavailable(error).status;
  if (error instanceof SlowWatcherError) return apiError('Expired', error.message).status;
  call.parts.logger.error('a watch has failed', { error, path: call.request.path });
  return apiError('InternalError', 'the watch has failed; see the log of the server').status;
}

// Spread over as long again, so that the watches of a restarted server do not all end at once.
function timeoutMsOf({ parts }: Call<WatchParts>, options: ListOptions): number {
  const { timeoutSeconds = 0 } = options;
  if (timeoutSeconds > 0) return timeoutSeconds * 1_000;
  return (1 + parts.random.fraction()) * parts.watchTimeoutMsMin;
}
