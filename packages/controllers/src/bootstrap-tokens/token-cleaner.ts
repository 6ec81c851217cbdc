import { Secret } from '@fairway/kinds/core/v1';
import { type Controller, requeueAfter, deleteUnlessOutdated } from '@fairway/reconcile';
import { sharedController } from '../caches/shared-controller.ts';
import type { ControllerParts } from '../controller-parts.ts';
import { bootstrapSecrets, endOf } from './bootstrap-token.ts';

/** Looked at again after this long at the latest, because clocks are set. */
const lookAgainMs = 3_600_000;

/** Deletes bootstrap tokens that have expired. */
export function cleanTokens(parts: ControllerParts): Controller {
  const { client } = parts;
  return sharedController(parts, Secret, {
    ...bootstrapSecrets,
    async reconcile({ object: secret, signal }) {
      if (secret === undefined) return undefined;
      const inMs = endOf(secret) - client.clock.now();
      if (inMs === Infinity) return undefined;
      if (inMs > 0) return requeueAfter(Math.min(inMs, lookAgainMs));
      await deleteUnlessOutdated(client, Secret, secret, { signal });
      return undefined;
    },
  });
}
