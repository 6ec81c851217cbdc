import type { Client, InForm, SelectOptions } from '@fairway/client';
import { type Clock, type Logger, type Random, type Timer, silentLogger } from '@fairway/host';
import type {
  DeepReadonly,
  KubernetesObject,
  OwnerReference,
  ResourceDescriptor,
} from '@fairway/protocol';
import type { CacheOptions, Informer } from './cache/informer.ts';
import { type Informers, createInformers } from './cache/informers.ts';
import type { Change } from './cache/object-cache.ts';
import { formatKey, keyOf, parseKey } from './cache/object-key.ts';
import { type EventRecorder, createEventRecorder } from './events/event-recorder.ts';
import type { EventText } from './events/recorded-event.ts';
import type { LeaderElector } from './leader-election/leader-elector.ts';
import { controllerOf, refersTo } from './owner-references.ts';
import type { RateLimiter } from './queue/rate-limiter.ts';
import {
  type ReconcileSource,
  type Requeue,
  informerSource,
  runReconcileLoop,
} from './reconcile-loop.ts';

/** One object to reconcile. */
export interface ReconcileRequest<T extends KubernetesObject> {
  /** `shop/web`, or `node-7` without a namespace. */
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  /** As the cache has it; undefined when it is gone. */
  readonly object: DeepReadonly<T> | undefined;
  readonly client: Client;
  /**
   * Resolves when the cache of the controller has what a write has answered: awaited after it, the
   * next call for this key finds its own write in `object`, and does not write it once more.
   */
  readonly reached: (written: KubernetesObject) => Promise<void>;
  /** Records an event about this object and returns at once: nothing waits for it to be sent. */
  readonly record: (event: EventText) => void;
  /** Aborts when the controller stops or does not lead any more. */
  readonly signal: AbortSignal;
}

/**
 * Brings the world to what one object wants. Called for every object at the start, after changes of
 * it and of what it owns, and again when it throws; several changes may be one call.
 */
export type Reconcile<T extends KubernetesObject> = (
  request: ReconcileRequest<T>,
) => Promise<Requeue | undefined | void>;

export interface ControllerOptions<T extends KubernetesObject> extends Pick<
  CacheOptions<T>,
  'namespace' | 'allNamespaces' | 'labelSelector' | 'fieldSelector' | 'keep'
> {
  /** For the log and for events; the plural of the kind when absent. */
  readonly name?: string;
  /** Kinds of objects that objects of this one control: their changes are changes of it. */
  readonly owns?: readonly ResourceDescriptor[];
  readonly watches?: readonly ControllerWatch[];
  /** What else calls for work on objects of the kind. */
  readonly sources?: readonly ReconcileSource[];
  /** Changes that matter; all of them when absent. */
  readonly filter?: (change: Change<T>) => boolean;
  /** Objects that are worked on at the same time; 1 when absent. */
  readonly concurrency?: number;
  readonly limiter?: RateLimiter;
  /**
   * Every object is reconciled again after about this long even without a change; 10 h when absent.
   */
  readonly resyncMs?: number;
  /** Work only while this process leads. */
  readonly elector?: LeaderElector;
  /** Where `record` puts events; one of its own, under the controller's name, when absent. */
  readonly recorder?: EventRecorder;
  /** Caches shared with other controllers; its own when absent. */
  readonly informers?: Informers;
  readonly logger?: Logger;
}

/** Other objects whose changes call for work on objects of the kind. */
export interface ControllerWatch {
  readonly kind: ResourceDescriptor;
  /** The keys of the objects to reconcile. */
  readonly keysOf: (change: Change<KubernetesObject>) => readonly string[];
  /** `metadata`: spec and status do not matter, and take no memory. */
  readonly as?: 'object' | 'metadata';
  /** Where they are; where the objects of the kind are, when absent. */
  readonly namespace?: string;
  readonly labelSelector?: NonNullable<SelectOptions['labelSelector']>;
  readonly fieldSelector?: NonNullable<SelectOptions['fieldSelector']>;
  /** As for an informer: what is kept of an object. Always the same function shares a cache. */
  keep?(object: KubernetesObject): KubernetesObject;
}

export interface Controller {
  /** Works until the signal aborts. Errors: `LeadershipLostError`, and what ends an informer. */
  run(options: { readonly signal: AbortSignal }): Promise<void>;
}

/** Whole objects of the kind, or their metadata only, which takes less memory. */
type ReconciledForm = 'object' | 'metadata';

/**
 * Makes a controller for a kind. Nothing is sent before it runs.
 *
 * All namespaces, unless one is named.
 */
export function createController<
  T extends KubernetesObject,
  F extends ReconciledForm = 'object',
  R extends KubernetesObject = InForm<T, F>,
>(
  client: Client,
  kind: ResourceDescriptor<T>,
  options: ControllerOptions<R> & { readonly as?: F; readonly reconcile: Reconcile<R> },
): Controller {
  const { elector } = options;
  const reconciled = kind as ResourceDescriptor as ResourceDescriptor<R>;
  const work = (signal: AbortSignal): Promise<void> =>
    runController(client, reconciled, options, signal);
  return {
    run: ({ signal }) => (elector === undefined ? work(signal) : elector.run(work, signal)),
  };
}

async function runController<T extends KubernetesObject>(
  client: Client,
  kind: ResourceDescriptor<T>,
  options: ControllerOptions<T> & {
    readonly as?: ReconciledForm;
    readonly reconcile: Reconcile<T>;
  },
  signal: AbortSignal,
): Promise<void> {
  const { name = kind.plural, logger = silentLogger, reconcile, concurrency, limiter } = options;
  const ending = new AbortController();
  const own = AbortSignal.any([signal, ending.signal]);
  const informers = options.informers ?? createInformers({ client, signal: own, logger });
  const recorder =
    options.recorder ?? createEventRecorder({ client, component: name, signal: own, logger });
  const { as = 'object' } = options;
  // What is kept is what the form and `keep` make of the kind: the caller's types have said so.
  const select = { ...selectOf(options), as } as object as CacheOptions<KubernetesObject>;
  const objects = informers.of(
    kind as ResourceDescriptor,
    select,
  ) as Informer<never> as Informer<T>;
  try {
    await runReconcileLoop(
      {
        name,
        clock: client.clock,
        random: client.random,
        logger,
        sources: sourcesOf(kind, options, { client, informers, objects }),
        ...(concurrency === undefined ? {} : { concurrency }),
        ...(limiter === undefined ? {} : { limiter }),
        reconcile: (key, stop) => {
          const object = objects.get(key);
          return reconcile({
            key,
            ...parseKey(key),
            object,
            client,
            reached: (written) => objects.reached(written, { signal: stop }),
            // Of an object that is gone, its name is known.
            record: (event) => recorder.record(kind, object ?? { metadata: parseKey(key) }, event),
            signal: stop,
          });
        },
      },
      signal,
    );
  } finally {
    ending.abort();
    // One that was given is its owner's to wait for.
    if (options.recorder === undefined) await recorder.flushed();
  }
}

function selectOf<T extends KubernetesObject>(
  options: ControllerOptions<T>,
): Pick<
  CacheOptions<T>,
  'namespace' | 'allNamespaces' | 'labelSelector' | 'fieldSelector' | 'keep'
> {
  const { namespace, labelSelector, fieldSelector, keep } = options;
  return {
    ...(namespace === undefined ? { allNamespaces: true } : { namespace }),
    ...(labelSelector === undefined ? {} : { labelSelector }),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
    ...(keep === undefined ? {} : { keep }),
  };
}

function sourcesOf<T extends KubernetesObject>(
  kind: ResourceDescriptor<T>,
  options: ControllerOptions<T>,
  {
    client: { clock, random },
    informers,
    objects,
  }: { readonly client: Client; readonly informers: Informers; readonly objects: Informer<T> },
): readonly ReconcileSource[] {
  const { owns = [], watches = [], sources = [], filter = () => true } = options;
  const placeOf = ({ namespace = options.namespace }: { readonly namespace?: string }): object =>
    namespace === undefined ? { allNamespaces: true } : { namespace };
  return [
    informerSource(objects, (change) => (filter(change) ? [keyOf(change.object)] : [])),
    ...owns.map((owned) =>
      informerSource(informers.of(owned, { ...placeOf({}), as: 'metadata' }), (change) =>
        ownersOf(kind, change),
      ),
    ),
    resyncSource(objects, { clock, random, everyMs: options.resyncMs ?? resyncMsDefault }),
    ...watches.map(({ kind: watched, keysOf, as = 'object', ...select }) => {
      const informer = informers.of(watched, { ...select, ...placeOf(select), as });
      return informerSource(informer as Informer<KubernetesObject>, keysOf);
    }),
    ...sources,
  ];
}

const resyncMsDefault = 36_000_000;

/** What was missed by a mistake is not missed for ever. */
function resyncSource<T extends KubernetesObject>(
  objects: Informer<T>,
  { clock, random, everyMs }: { readonly clock: Clock; readonly random: Random; everyMs: number },
): ReconcileSource {
  const start = (enqueue: (key: string) => void): (() => void) => {
    const again = (): Timer =>
      clock.schedule(everyMs * (0.9 + random.fraction() * 0.2), () => {
        for (const key of objects.keys()) enqueue(key);
        timer = again();
      });
    let timer = again();
    return () => timer.cancel();
  };
  return { name: 'resync', start, synced: Promise.resolve(), ended: objects.ended };
}

/** The owner before a change counts too: it has lost something. */
function ownersOf(kind: ResourceDescriptor, { object, old }: Change<KubernetesObject>): string[] {
  const keys = [object, ...(old === undefined ? [] : [old])].flatMap((each) => {
    const owner: OwnerReference | undefined = controllerOf(each);
    if (owner === undefined || !refersTo(owner, kind)) return [];
    const namespace = kind.isNamespaced ? (each.metadata?.namespace ?? '') : '';
    return [formatKey({ namespace, name: owner.name })];
  });
  return [...new Set(keys)];
}
