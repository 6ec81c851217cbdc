import { PersistentVolumeClaim } from '@fairway/kinds/core/v1';
import { compareQuantities, parseQuantity } from '@fairway/protocol';
import { type Controller, createController } from '@fairway/reconcile';
import type { ControllerParts } from '../controller-parts.ts';
import { withoutManagedFields } from '../owned-objects/without-managed-fields.ts';

/** Tells who asks for a larger volume that its provisioner is to make it so. */
export function expandClaims(parts: ControllerParts): Controller {
  const { name, client, informers, recorder, logger } = parts;
  return createController(client, PersistentVolumeClaim, {
    name,
    informers,
    recorder,
    logger,
    keep: withoutManagedFields,
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

function wantsMore({ spec, status }: Pick<PersistentVolumeClaim, 'spec' | 'status'>): boolean {
  const [wanted, has] = [spec?.resources?.requests, status?.capacity].map((amounts) =>
    parseQuantity(amounts?.['storage'] ?? ''),
  );
  return wanted !== undefined && has !== undefined && compareQuantities(wanted, has) > 0;
}
