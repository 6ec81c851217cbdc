import { isNotFound } from '@fairway/client';
import { ClusterRole } from '@fairway/kinds/rbac/v1';
import { type CompleteDraft, aggregatedRules, equalsJson } from '@fairway/protocol';
import { type Controller, createController } from '@fairway/reconcile';
import type { ControllerParts } from '../controller-parts.ts';

/** Keeps the rules of ClusterRoles that collect those of others, such as `admin` and `view`. */
export function clusterRoles(parts: ControllerParts): Controller {
  const { name, client, informers, recorder, logger } = parts;
  const roles = informers.of(ClusterRole, {
    allNamespaces: true,
    keep: withoutHistory,
    index: { [collecting]: (role) => (role.aggregationRule === undefined ? undefined : 'any') },
  });
  return createController(client, ClusterRole, {
    name,
    informers,
    recorder,
    logger,
    keep: withoutHistory,
    filter: ({ object }) => object.aggregationRule !== undefined,
    // Any role may begin or cease to be one that is collected.
    watches: [
      {
        kind: ClusterRole,
        keep: withoutHistory,
        keysOf: () => roles.by(collecting, 'any').map((role) => role.metadata?.name ?? ''),
      },
    ],
    async reconcile({ name: roleName, object: role, signal }) {
      if (role === undefined) return;
      const rules = aggregatedRules(role, [...roles.objects()]);
      if (rules === undefined || equalsJson(rules, role.rules ?? [])) return;
      // The rules were computed for this version: a concurrent change of the selectors is not
      // overwritten.
      const { resourceVersion } = role.metadata ?? {};
      const merge = { metadata: { resourceVersion }, rules };
      try {
        await client.patch(ClusterRole, roleName, { merge }, { signal });
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    },
  });
}

/** The name of an index: roles that collect the rules of others. */
const collecting = 'collecting';

function withoutHistory(role: CompleteDraft<ClusterRole>): ClusterRole {
  delete role.metadata?.managedFields;
  return role;
}
