import { isConflict, isNotFound } from '@fairway/client';
import { Namespace, type NamespaceCondition } from '@fairway/kinds/core/v1';
import { formatTime } from '@fairway/protocol';
import {
  type Controller,
  type Requeue,
  exponentialLimiter,
  isBeingDeleted,
  requeueAfter,
  requeueWithBackoff,
} from '@fairway/reconcile';
import { sharedController } from '../caches/shared-controller.ts';
import type { ControllerParts } from '../controller-parts.ts';
import { type ContentOutcome, deleteContent } from './delete-content.ts';
import { namespaceConditions } from './namespace-conditions.ts';

const finalizer = 'kubernetes';

/**
 * Empties namespaces that are being deleted, writes the progress into conditions, and removes their
 * finalizer at the end.
 */
export function namespaces(parts: ControllerParts): Controller {
  const { client, logger } = parts;
  const { clock } = client;
  return sharedController(parts, Namespace, {
    as: 'metadata',
    concurrency: 4,
    limiter: exponentialLimiter({ firstMs: 100, maxMs: 15_000 }),
    filter: ({ type, object }) => type !== 'deleted' && isBeingDeleted(object),
    reconcile: (request) => reconcile(request.name, request.signal),
  });

  async function reconcile(
    namespaceName: string,
    signal: AbortSignal,
  ): Promise<Requeue | undefined> {
    const namespace = await client.find(Namespace, namespaceName, { signal });
    if (namespace === undefined || !isBeingDeleted(namespace)) return undefined;
    if (!(namespace.spec?.finalizers ?? []).includes(finalizer)) return undefined;
    try {
      const outcome = await deleteContent(client, namespaceName, signal);
      const updated = await writeConditions(namespace, outcome, signal);
      if (outcome.isEmpty) return void (await finalize(updated, signal));
      const { graceSeconds, discoveryFailure, contentFailure } = outcome;
      if (discoveryFailure !== '' || contentFailure !== '') {
        logger.warn('a namespace could not be emptied', {
          name: namespaceName,
          discoveryFailure,
          contentFailure,
        });
      }
      return graceSeconds > 0 ? requeueAfter((graceSeconds / 2 + 1) * 1000) : requeueWithBackoff;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      // Somebody else has written: look at what it is now.
      if (isConflict(error)) return requeueWithBackoff;
      throw error;
    }
  }

  async function writeConditions(
    namespace: Namespace,
    outcome: ContentOutcome,
    signal: AbortSignal,
  ): Promise<Namespace> {
    const before: readonly NamespaceCondition[] = namespace.status?.conditions ?? [];
    const conditions = namespaceConditions(before, outcome, formatTime(clock.now()));
    const isSame = conditions.every((each, at) => each === before[at]);
    if (isSame && conditions.length === before.length) return namespace;
    const status = {
      ...namespace.status,
      phase: 'Terminating' as const,
      conditions: [...conditions],
    };
    return client
      .subresource(Namespace, namespace.metadata?.name ?? '', 'status')
      .replace({ ...namespace, status }, { signal });
  }

  async function finalize(namespace: Namespace, signal: AbortSignal): Promise<void> {
    const finalizers = (namespace.spec?.finalizers ?? []).filter((each) => each !== finalizer);
    const spec = { ...namespace.spec, finalizers };
    await client
      .subresource(Namespace, namespace.metadata?.name ?? '', 'finalize')
      .replace({ ...namespace, spec }, { signal });
  }
}
