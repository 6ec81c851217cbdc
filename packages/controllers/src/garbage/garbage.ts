import {
  type Controller,
  ToldKeys,
  exponentialLimiter,
  requeueAfter,
  runReconcileLoop,
} from '@fairway/reconcile';
import type { ControllerParts } from '../controller-parts.ts';
import { foreignOwnerEvent } from './foreign-owner-event.ts';
import { Collector } from './collector.ts';
import { FollowedObjects } from './follow-objects.ts';
import { OwnerGraph } from './owner-graph.ts';

/** How long work waits for the objects of a new resource, which may depend on others. */
const syncPauseMs = 200;

/**
 * Deletes what was left behind by its owners, and lets owners wait for what they own.
 *
 * It is made of the loop that `createController` is made of, and not by `createController`: that
 * works on the objects of one kind by their names, and this on those of every kind, of which some
 * are known by their uid from references only.
 */
export function garbage(parts: ControllerParts): Controller {
  const { name, client, resources, recorder, logger } = parts;
  return { run };

  async function run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const ending = new AbortController();
    const own = AbortSignal.any([signal, ending.signal]);
    const graph = new OwnerGraph({
      onWork: (uid) => source.tell(uid),
      onForeignOwner: ({ resource, ...dependent }, reference) => {
        if (resource === undefined) return;
        const { namespace, name: dependentName, uid } = dependent;
        const metadata = { namespace, name: dependentName, uid };
        recorder.record(resource, { metadata }, foreignOwnerEvent(reference, namespace));
      },
    });
    const objects = new FollowedObjects({ client, graph, logger, signal: own });
    const collector = new Collector({ client, graph, resources });
    const forget = resources.subscribe(() => objects.setResources(resources.preferred));
    const ended = Promise.withResolvers<void>();
    own.addEventListener('abort', () => ended.resolve(), { once: true });
    const source = new ToldKeys('all resources', {
      synced: objects.synced,
      ended: ended.promise,
    });
    try {
      const { clock, random } = client;
      await runReconcileLoop(
        {
          name,
          clock,
          random,
          logger,
          concurrency: 8,
          limiter: exponentialLimiter({ firstMs: 20 }),
          sources: [source],
          reconcile: (uid, stop) =>
            objects.isSynced
              ? collector.collect(uid, stop)
              : Promise.resolve(requeueAfter(syncPauseMs)),
        },
        signal,
      );
    } finally {
      forget();
      ending.abort();
    }
  }
}
