import type { Client } from '@fairway/client';
import { claimNameOf, isPodOver } from '@fairway/kind-rules/pods';
import { PersistentVolume, PersistentVolumeClaim, Pod } from '@fairway/kinds/core/v1';
import type { DeepReadonly, KubernetesObject, ResourceDescriptor } from '@fairway/protocol';
import {
  type Change,
  type Controller,
  formatKey,
  hasFinalizer,
  isBeingDeleted,
  unlessOutdated,
} from '@fairway/reconcile';
import { sharedController } from '../caches/shared-controller.ts';
import { sharedInformer, watchShared } from '../caches/shared-informer.ts';
import type { ControllerParts } from '../controller-parts.ts';

const claimFinalizer = 'kubernetes.io/pvc-protection';
const volumeFinalizer = 'kubernetes.io/pv-protection';

/** Lets a deleted claim go once no pod uses it any more. */
export function claimProtection(parts: ControllerParts): Controller {
  const { client, informers } = parts;
  const pods = sharedInformer(informers, Pod);
  pods.addIndex('claim in use', claimKeysOf);
  return sharedController(parts, PersistentVolumeClaim, {
    watches: [watchShared(Pod, keysOfFreed)],
    reconcile: async ({ object, key, namespace, signal }) => {
      if (object === undefined || !isBeingDeleted(object)) return;
      if (!hasFinalizer(object, claimFinalizer) || pods.by('claim in use', key).length > 0) return;
      // A pod that was made a moment ago is not in the cache yet.
      for await (const pod of client.list(Pod, { namespace, signal })) {
        if (claimKeysOf(pod).includes(key)) return;
      }
      await release(client, PersistentVolumeClaim, { object, finalizer: claimFinalizer });
    },
  });
}

/** Lets a deleted volume go once it is not bound to a claim any more. */
export function volumeProtection(parts: ControllerParts): Controller {
  const { client } = parts;
  return sharedController(parts, PersistentVolume, {
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
  // Somebody else's change calls again.
  await unlessOutdated(
    client.replace(kind, { ...object, metadata: { ...object.metadata, finalizers } }),
  );
}

/** The claims that a pod uses. One that has ended, or that no node has and that is going, uses none. */
function claimKeysOf(pod: DeepReadonly<Pod>): readonly string[] {
  const { metadata, spec } = pod;
  const isLeavingUnplaced = isBeingDeleted(pod) && spec?.nodeName === undefined;
  if (isPodOver(pod) || isLeavingUnplaced) return [];
  return (spec?.volumes ?? []).flatMap((volume) => {
    const { namespace = '', name: podName = '' } = metadata ?? {};
    const name = claimNameOf(podName, volume);
    return name === undefined ? [] : [formatKey({ namespace, name })];
  });
}

/** The claims that a pod has used until this change. */
function keysOfFreed({ type, object, old }: Change<KubernetesObject>): readonly string[] {
  const before = type === 'deleted' ? object : old;
  if (before === undefined) return [];
  const still = type === 'deleted' ? [] : claimKeysOf(object as DeepReadonly<Pod>);
  const used = claimKeysOf({ ...before, status: {} } as DeepReadonly<Pod>);
  return used.filter((key) => !still.includes(key));
}
