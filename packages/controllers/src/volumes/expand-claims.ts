import { wantsMore } from '@fairway/kind-rules/volumes';
import { PersistentVolumeClaim } from '@fairway/kinds/core/v1';
import type { Controller } from '@fairway/reconcile';
import { sharedController } from '../caches/shared-controller.ts';
import type { ControllerParts } from '../controller-parts.ts';

/** Tells who asks for a larger volume that its provisioner is to make it so. */
export function expandClaims(parts: ControllerParts): Controller {
  return sharedController(parts, PersistentVolumeClaim, {
    filter: ({ type, object, old }) =>
      type !== 'deleted' && wantsMore(object) && (old === undefined || !wantsMore(old)),
    reconcile: async ({ object, record }) => {
      if (object === undefined || !wantsMore(object)) return;
      const message =
        "didn't find a plugin capable of expanding the volume; waiting for an external controller to process this PVC";
      record({ type: 'Normal', reason: 'ExternalExpanding', message });
    },
  });
}
