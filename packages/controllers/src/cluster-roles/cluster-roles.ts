import { isNotFound } from '@fairway/client';
import { ClusterRole } from '@fairway/kinds/rbac/v1';
import { aggregatedRules, equalsJson } from '@fairway/protocol';
import { type Controller, informerSource, runReconcileLoop } from '@fairway/reconcile';
import type { ControllerParts } from '../controller-parts.ts';

/** Keeps the rules of ClusterRoles that collect those of others, such as `admin` and `view`. */
export function clusterRoles({ client, informers, logger }: ControllerParts): Controller {
  return { run };

  async function run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const roles = informers.of(ClusterRole, { keep: withoutHistory });
    const { clock, random } = client;
    await runReconcileLoop(
      {
        name: 'cluster-roles',
        clock,
        random,
        logger,
        // Any role may begin or cease to be one that is collected.
        sources: [informerSource(roles, () => collecting())],
        reconcile: (name, stop) => reconcile(name, stop),
      },
      signal,
    );

    function collecting(): string[] {
      return [...roles.objects()]
        .filter((role) => role.aggregationRule !== undefined)
        .map((role) => role.metadata?.name ?? '');
    }

    async function reconcile(name: string, stop: AbortSignal): Promise<void> {
      const role = roles.get(name);
      if (role === undefined) return;
      const rules = aggregatedRules(role, [...roles.objects()]);
      if (rules === undefined || isSame(rules, role.rules ?? [])) return;
      // The rules were computed for this version: a concurrent change of the selectors is not
      // overwritten.
      const { resourceVersion } = role.metadata ?? {};
      const merge = { metadata: { resourceVersion }, rules };
      try {
        await client.patch(ClusterRole, name, { merge }, { signal: stop });
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
  }
}

function withoutHistory(role: ClusterRole): ClusterRole {
  delete role.metadata?.managedFields;
  return role;
}

function isSame(one: unknown, other: unknown): boolean {
  return equalsJson(one, other);
}
