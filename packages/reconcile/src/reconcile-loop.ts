import { isUnavailable } from '@fairway/client';
import { type Clock, type Logger, type Random, silentLogger, sleep } from '@fairway/host';
import { type KubernetesObject, parseDuration } from '@fairway/protocol';
import type { Informer } from './cache/informer.ts';
import type { Change } from './cache/object-cache.ts';
import type { RateLimiter } from './queue/rate-limiter.ts';
import { WorkQueue } from './queue/work-queue.ts';

/** What a reconciliation wants next; undefined: nothing until the next change. */
export interface Requeue {
  /** `backoff`: after a delay that grows each time, as if it had failed. */
  readonly requeueAfterMs: number | 'backoff';
}

/** Asks to be called again soon, after a longer pause each time. */
export const requeueWithBackoff: Requeue = { requeueAfterMs: 'backoff' };

/** Asks to be called again after a time: `30s`, `5m`, or milliseconds. */
export function requeueAfter(time: string | number): Requeue {
  const requeueAfterMs = typeof time === 'number' ? time : parseDuration(time);
  if (requeueAfterMs === undefined || !(requeueAfterMs >= 0)) {
    throw new RangeError(`"${time}" is no duration: write "30s", "1m30s", or milliseconds`);
  }
  return { requeueAfterMs };
}

/** A failure that trying again cannot mend: the key is dropped until something changes. */
export class TerminalError extends Error {
  override readonly name = 'TerminalError';
}

/** Something that has keys to reconcile when it changes. */
export interface ReconcileSource {
  /**
   * Calls `enqueue` for what exists and for every change; answers how to stop that. What comes within
   * `delayMs` of a key is one call.
   */
  start(enqueue: (key: string, delayMs?: number) => void): () => void;
  readonly synced: Promise<void>;
  /** Rejects when the source has failed for good. */
  readonly ended: Promise<void>;
  readonly name: string;
}

/** A source of keys out of an informer. */
export function informerSource<T extends KubernetesObject>(
  informer: Informer<T>,
  keysOf: (change: Change<T>) => readonly string[],
): ReconcileSource {
  const start: ReconcileSource['start'] = (enqueue) =>
    informer.subscribe((change) => keysOf(change).forEach((key) => enqueue(key)));
  return { start, synced: informer.synced, ended: informer.ended, name: informer.kind.plural };
}

/** A source of keys that its owner tells; what is told while no loop runs is forgotten. */
export class ToldKeys implements ReconcileSource {
  readonly name: string;
  readonly synced: Promise<void>;
  readonly ended: Promise<void>;
  #enqueue: Parameters<ReconcileSource['start']>[0] = () => {};

  /** Absent: it has all from the beginning, and does not end. */
  constructor(name: string, life: Partial<Pick<ReconcileSource, 'synced' | 'ended'>> = {}) {
    this.name = name;
    this.synced = life.synced ?? Promise.resolve();
    this.ended = life.ended ?? new Promise(() => {});
  }

  tell(key: string, delayMs?: number): void {
    this.#enqueue(key, delayMs);
  }

  start(enqueue: Parameters<ReconcileSource['start']>[0]): () => void {
    this.#enqueue = enqueue;
    return () => (this.#enqueue = () => {});
  }
}

export interface ReconcileLoopOptions {
  /** For the log. */
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger?: Logger;
  readonly sources: readonly ReconcileSource[];
  /** Reconciled at the start, whether or not a source has them. */
  readonly firstKeys?: readonly string[];
  /** Brings the state of one key's object to what is wanted. Called again when it throws. */
  readonly reconcile: (key: string, signal: AbortSignal) => Promise<Requeue | undefined | void>;
  /** Keys that are worked on at the same time; 1 when absent. */
  readonly concurrency?: number;
  readonly limiter?: RateLimiter;
  /** How long the sources may take to have everything; 2 minutes when absent. */
  readonly syncTimeoutMs?: number;
  /** How long work that is under way may take to end; 30 seconds when absent. */
  readonly graceMs?: number;
}

/**
 * Reconciles keys until the signal aborts, and resolves when the work under way has ended.
 *
 * Errors: when a source fails for good, or has not everything in time. What `reconcile` throws is
 * logged, and the key comes again after a delay that grows; after one of a few seconds when there
 * was no server (`isUnavailable`), which is no failure of the key.
 */
export async function runReconcileLoop(
  options: ReconcileLoopOptions,
  signal: AbortSignal,
): Promise<void> {
  const { clock, sources, firstKeys = [], limiter, concurrency = 1 } = options;
  const queue = new WorkQueue({ clock, ...(limiter === undefined ? {} : { limiter }) });
  const aborted = whenAborted(signal);
  const stops = sources.map((source) =>
    source.start((key, delayMs = 0) => queue.addAfter(key, delayMs)),
  );
  for (const key of firstKeys) queue.add(key);
  const failed = firstFailure(sources, signal);
  try {
    const isSynced = await Promise.race([waitForSync(options, signal), failed, aborted.promise]);
    if (isSynced !== true) return;
    const stopping = new AbortController();
    const workers = Promise.all(
      Array.from({ length: concurrency }, () => work(options, queue, stopping.signal)),
    );
    await Promise.race([workers, failed, aborted.promise]).finally(() => {
      queue.close();
      stopping.abort(signal.reason);
    });
    await giveGrace(options, workers);
  } catch (error) {
    // An error that is caused by the shutdown is not a failure.
    if (!signal.aborted) throw error;
  } finally {
    queue.close();
    aborted.forget();
    for (const stop of stops) stop();
  }
}

async function work(
  options: ReconcileLoopOptions,
  queue: WorkQueue,
  signal: AbortSignal,
): Promise<void> {
  for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
    await reconcileOnce(options, { queue, key, signal });
    queue.done(key);
  }
}

/** How long a key waits at least, while there is no server to work with; twice as long at most. */
const unavailablePauseMs = 2_000;

async function reconcileOnce(
  { name, random, logger = silentLogger, reconcile }: ReconcileLoopOptions,
  { queue, key, signal }: { queue: WorkQueue; key: string; signal: AbortSignal },
): Promise<void> {
  try {
    const { requeueAfterMs } = (await reconcile(key, signal)) ?? {};
    if (requeueAfterMs === 'backoff') return queue.addRateLimited(key);
    queue.forget(key);
    if (requeueAfterMs !== undefined) queue.addAfter(key, Math.max(1, requeueAfterMs));
  } catch (error) {
    if (signal.aborted) return;
    if (error instanceof TerminalError) {
      queue.forget(key);
      logger.error('a reconciliation has failed for good', { controller: name, key, error });
      return;
    }
    if (isUnavailable(error)) {
      // No fault of the key's: it would wait for minutes after a server that was away for some.
      queue.addAfter(key, unavailablePauseMs * (1 + random.fraction()));
    } else {
      queue.addRateLimited(key);
    }
    logger.warn('a reconciliation has failed and is tried again', { controller: name, key, error });
  }
}

const syncTimeoutMsDefault = 120_000;

async function waitForSync(
  { name, clock, sources, syncTimeoutMs = syncTimeoutMsDefault }: ReconcileLoopOptions,
  signal: AbortSignal,
): Promise<true> {
  const done = new AbortController();
  const waiting = new Set(sources.map((source) => source.name));
  const synced = Promise.all(
    sources.map((source) => source.synced.then(() => waiting.delete(source.name))),
  );
  const late = sleep(clock, syncTimeoutMs, AbortSignal.any([done.signal, signal])).then(
    () => {
      const names = [...waiting].join(', ');
      throw new Error(
        `${name} could not list ${names} within ${syncTimeoutMs} ms: see the warnings`,
      );
    },
    () => true as const,
  );
  try {
    await Promise.race([synced, late]);
    return true;
  } finally {
    done.abort();
  }
}

/** Rejects with the first failure of a source that is not the end of everything. */
async function firstFailure(
  sources: readonly ReconcileSource[],
  signal: AbortSignal,
): Promise<undefined> {
  const ends = sources.map(async (source) => {
    await source.ended;
    if (!signal.aborted)
      throw new Error(`the informer of ${source.name} ended before its controller`);
  });
  await Promise.all(ends);
  return undefined;
}

const graceMsDefault = 30_000;

async function giveGrace(
  { clock, graceMs = graceMsDefault }: ReconcileLoopOptions,
  workers: Promise<unknown>,
): Promise<void> {
  const done = new AbortController();
  const over = sleep(clock, graceMs, done.signal).catch(() => undefined);
  await Promise.race([workers, over]);
  done.abort();
}

function whenAborted(signal: AbortSignal): { promise: Promise<undefined>; forget(): void } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const onAbort = (): void => resolve(undefined);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  return { promise, forget: () => signal.removeEventListener('abort', onAbort) };
}
