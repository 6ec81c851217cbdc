import type { ClusterRole } from '@fairway/access';
import { aggregatedRules } from '@fairway/protocol';
import { type RbacObject, bootstrapRbacObjects } from './rbac-objects.ts';

/** The roles and bindings of a new cluster, with `admin`, `edit` and `view` filled already. */
export function aggregateBootstrapRoles(): readonly RbacObject[] {
  const objects = bootstrapRbacObjects();
  const roles = objects.filter(({ kind }) => kind === 'ClusterRole') as (ClusterRole &
    RbacObject)[];
  // `view` flows into `edit` and `edit` into `admin`, so each round sees what the last one filled.
  const filled = new Map(roles.map((role) => [role.metadata.name ?? '', role]));
  for (const name of ['view', 'edit', 'admin']) {
    const role = filled.get(name);
    if (role === undefined) continue;
    filled.set(name, { ...role, rules: aggregatedRules(role, [...filled.values()]) ?? [] });
  }
  return objects.map((object) =>
    object.kind === 'ClusterRole' ? (filled.get(object.metadata.name ?? '') ?? object) : object,
  );
}
