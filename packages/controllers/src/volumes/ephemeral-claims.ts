import { isAlreadyExists } from '@fairway/client';
import { ephemeralClaimName } from '@fairway/kind-rules/pods';
import { PersistentVolumeClaim, Pod } from '@fairway/kinds/core/v1';
import {
  type Controller,
  type ReconcileRequest,
  controllerReference,
  formatKey,
  isBeingDeleted,
  isControlledBy,
} from '@fairway/reconcile';
import { sharedController } from '../caches/shared-controller.ts';
import { sharedInformer, watchShared } from '../caches/shared-informer.ts';
import type { ControllerParts } from '../controller-parts.ts';
import { ownerKeysOf } from '../owned-objects/owner-keys.ts';

/**
 * Makes the claims that a pod brings along in its `ephemeral` volumes. They go with the pod.
 *
 * Source: kubernetes.io, Ephemeral Volumes, "Generic ephemeral volumes".
 */
export function ephemeralClaims(parts: ControllerParts): Controller {
  const { client, informers } = parts;
  const claims = sharedInformer(informers, PersistentVolumeClaim);
  return sharedController(parts, Pod, {
    concurrency: 5,
    filter: ({ object }) => (object.spec?.volumes ?? []).some(({ ephemeral }) => ephemeral),
    watches: [watchShared(PersistentVolumeClaim, ownerKeysOf(Pod))],
    reconcile,
  });

  async function reconcile(request: ReconcileRequest<Pod>): Promise<void> {
    const { object: pod, namespace, signal } = request;
    if (pod === undefined || isBeingDeleted(pod)) return;
    for (const volume of pod.spec?.volumes ?? []) {
      const template = volume.ephemeral?.volumeClaimTemplate;
      if (template === undefined) continue;
      const claimName = ephemeralClaimName(request.name, volume.name);
      const there = claims.get(formatKey({ namespace, name: claimName }));
      if (there !== undefined) {
        if (isControlledBy(there, pod)) continue;
        throw new Error(
          `PVC "${claimName}" was not created for pod "${request.key}" (pod is not owner)`,
        );
      }
      const { labels, annotations } = template.metadata ?? {};
      const metadata = {
        name: claimName,
        namespace,
        ...(labels === undefined ? {} : { labels }),
        ...(annotations === undefined ? {} : { annotations }),
        ownerReferences: [controllerReference(Pod, pod)],
      };
      try {
        const claim = { metadata, spec: template.spec };
        const made = await client.create(PersistentVolumeClaim, claim, { signal });
        await claims.reached(made, { signal });
      } catch (error) {
        if (!isAlreadyExists(error)) throw error;
      }
    }
  }
}
