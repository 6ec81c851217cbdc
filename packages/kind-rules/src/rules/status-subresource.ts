import type { KubernetesObject, ObjectMeta } from '@fairway/protocol';

import type { KindRules } from '../kind-rules.ts';

interface StatusRules<T extends KubernetesObject> extends Required<
  Pick<KindRules<T>, 'prepareForUpdate' | 'prepareForStatusUpdate'>
> {
  readonly prepareForCreate: (draft: T) => void;
}

/**
 * What kinds with a `/status` have in common: it starts as the server says, an update of the object
 * leaves it alone, and an update of it leaves everything else alone.
 * Source: API conventions, "Spec and Status".
 */
export function statusRules<
  T extends KubernetesObject & { status?: unknown; metadata?: ObjectMeta },
>(initialStatus: () => T['status']): StatusRules<T> {
  return {
    prepareForCreate: (draft) => {
      draft.status = initialStatus();
    },
    prepareForUpdate: keepStatus,
    prepareForStatusUpdate: keepAllButStatus,
  };
}

/** Puts the stored status back. */
export function keepStatus<T extends { status?: unknown }>(draft: T, stored: T): void {
  if (stored.status === undefined) delete draft.status;
  else draft.status = stored.status;
}

/**
 * Puts everything back but the status and the metadata, whose owner references stay too: who reports
 * on an object does not decide what it goes with.
 */
export function keepAllButStatus<
  T extends KubernetesObject & { status?: unknown; metadata?: ObjectMeta },
>(draft: T, stored: T): void {
  for (const key of Object.keys(draft) as (keyof T)[]) {
    if (!isFree(key) && !(key in stored)) delete draft[key];
  }
  for (const key of Object.keys(stored) as (keyof T)[]) {
    if (!isFree(key)) draft[key] = stored[key];
  }
  if (draft.metadata === undefined) return;
  const { generation, ownerReferences } = stored.metadata ?? {};
  const { ownerReferences: _, ...metadata } = draft.metadata;
  draft.metadata = {
    ...metadata,
    ...(generation === undefined ? {} : { generation }),
    ...(ownerReferences === undefined ? {} : { ownerReferences }),
  };
}

function isFree(key: PropertyKey): boolean {
  return key === 'metadata' || key === 'status' || key === 'apiVersion' || key === 'kind';
}
