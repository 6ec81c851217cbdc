import { ClusterRole } from '@fairway/kinds/rbac/v1';
import { type DeepReadonly, aggregatedRules, equalsJson } from '@fairway/protocol';
import { type Controller, keyOf, unlessOutdated } from '@fairway/reconcile';
import { sharedController } from '../caches/shared-controller.ts';
import { sharedInformer, watchShared } from '../caches/shared-informer.ts';
import type { ControllerParts } from '../controller-parts.ts';

/** Keeps the rules of ClusterRoles that collect those of others, such as `admin` and `view`. */
export function clusterRoles(parts: ControllerParts): Controller {
  const { client, informers } = parts;
  const roles = sharedInformer(informers, ClusterRole);
  roles.addIndex(collectingIndex, collects);
  return sharedController(parts, ClusterRole, {
    filter: ({ object }) => object.aggregationRule !== undefined,
    // Any role may begin or cease to be one that is collected.
    watches: [watchShared(ClusterRole, () => roles.by(collectingIndex, 'any').map(keyOf))],
    async reconcile({ name: roleName, object: role, signal }) {
      if (role === undefined) return;
      const rules = aggregatedRules(role, [...roles.objects()]);
      if (rules === undefined || equalsJson(rules, role.rules ?? [])) return;
      // The rules were computed for this version: a concurrent change of the selectors is not
      // overwritten.
      const { resourceVersion } = role.metadata ?? {};
      const merge = { metadata: { resourceVersion }, rules };
      await unlessOutdated(client.patch(ClusterRole, roleName, { merge }, { signal }));
    },
  });
}

const collectingIndex = 'collecting';

/** Roles that collect the rules of others are found under `any`. */
function collects(role: DeepReadonly<ClusterRole>): string | undefined {
  return role.aggregationRule === undefined ? undefined : 'any';
}
