import { type Client, isNotFound } from '@fairway/client';
import { PersistentVolume, PersistentVolumeClaim, Pod } from '@fairway/kinds/core/v1';
import type { ResourceDescriptor } from '@fairway/protocol';
import {
  type Controller,
  createController,
  hasFinalizer,
  isBeingDeleted,
  requeueAfter,
} from '@fairway/reconcile';
import type { ControllerParts } from '../controller-parts.ts';

const claimFinalizer = 'kubernetes.io/pvc-protection';
const volumeFinalizer = 'kubernetes.io/pv-protection';
const askAgainMs = 5_000;

/** Lets a deleted claim go once no pod uses it any more. */
export function claimProtection(parts: ControllerParts): Controller {
  const { client, recorder, logger } = parts;
  return createController(client, PersistentVolumeClaim, {
    name: parts.name,
    recorder,
    logger,
    reconcile: async ({ object, namespace, name, signal }) => {
      if (object === undefined || !isBeingDeleted(object)) return undefined;
      // Asked of the server, and only while a claim is going: a copy of all pods would cost more.
      for await (const pod of client.list(Pod, { namespace, signal })) {
        if (!isOver(pod) && claimsOf(pod).includes(name)) return requeueAfter(askAgainMs);
      }
      await release(client, PersistentVolumeClaim, { object, finalizer: claimFinalizer });
      return undefined;
    },
  });
}

/** Lets a deleted volume go once it is not bound to a claim any more. */
export function volumeProtection(parts: ControllerParts): Controller {
  const { name, client, recorder, logger } = parts;
  return createController(client, PersistentVolume, {
    name,
    recorder,
    logger,
    reconcile: async ({ object }) => {
      if (object === undefined || !isBeingDeleted(object)) return;
      if (object.status?.phase === 'Bound') return;
      await release(client, PersistentVolume, { object, finalizer: volumeFinalizer });
    },
  });
}

// With an update, which is what the roles of these controllers allow.
async function release<T extends PersistentVolume | PersistentVolumeClaim>(
  client: Client,
  kind: ResourceDescriptor<T>,
  { object, finalizer }: { readonly object: T; readonly finalizer: string },
): Promise<void> {
  if (!hasFinalizer(object, finalizer)) return;
  const finalizers = (object.metadata?.finalizers ?? []).filter((each) => each !== finalizer);
  try {
    await client.replace(kind, { ...object, metadata: { ...object.metadata, finalizers } });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** The claims that a pod uses. */
function claimsOf({ metadata, spec }: Pod): readonly string[] {
  return (spec?.volumes ?? []).flatMap(({ persistentVolumeClaim, ephemeral, name }) => {
    const claim =
      persistentVolumeClaim?.claimName ??
      (ephemeral === undefined ? undefined : `${metadata?.name}-${name}`);
    return claim === undefined ? [] : [claim];
  });
}

/** A pod that has ended, or that no node has and that is going, uses nothing. */
function isOver({ spec, status, metadata }: Pod): boolean {
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return true;
  return metadata?.deletionTimestamp !== undefined && spec?.nodeName === undefined;
}
