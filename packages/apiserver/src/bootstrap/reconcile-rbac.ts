import { type ClusterRole, type RoleBinding, type Subject, uncoveredRules } from '@fairway/access';
import { type KubernetesObject, annotationsOf, equalsJson } from '@fairway/protocol';
import type { RbacObject } from './rbac-objects.ts';

const switchAnnotation = 'rbac.authorization.kubernetes.io/autoupdate';

/**
 * What a role or binding of the usual ones becomes at a start: what is missing of it is added back, and what
 * users have added stays. Undefined when nothing is missing, and when its annotation
 * `rbac.authorization.kubernetes.io/autoupdate` is `false`.
 *
 * Source: Kubernetes RBAC, auto-reconciliation.
 */
export function reconcileRbac(
  expected: RbacObject,
  stored: KubernetesObject,
): KubernetesObject | undefined {
  if (annotationsOf(stored)[switchAnnotation] === 'false') return undefined;
  const isRole = expected.kind === 'ClusterRole' || expected.kind === 'Role';
  const parts = isRole
    ? roleParts(expected as ClusterRole, stored as unknown as ClusterRole)
    : bindingParts(expected as RoleBinding, stored as unknown as RoleBinding);
  const { labels, annotations } = expected.metadata;
  const metadata = {
    ...stored.metadata,
    labels: { ...labels, ...stored.metadata?.labels },
    annotations: { ...annotations, ...stored.metadata?.annotations },
  };
  const next = { ...stored, metadata, ...parts };
  if (equalsJson(next, stored)) return undefined;
  const { resourceVersion: _, ...unconditional } = metadata;
  return { ...next, metadata: unconditional };
}

/** The rules of a role that takes those of others are left to who collects them. */
function roleParts(expected: ClusterRole, stored: ClusterRole): object {
  const selectors = expected.aggregationRule?.clusterRoleSelectors;
  if (selectors !== undefined) {
    const held = stored.aggregationRule?.clusterRoleSelectors ?? [];
    const missing = selectors.filter((each) => !held.some((other) => equalsJson(each, other)));
    if (missing.length === 0) return {};
    return { aggregationRule: { clusterRoleSelectors: [...held, ...missing] } };
  }
  const rules = expected.rules ?? [];
  const held = stored.rules ?? [];
  // Most starts find what the last one has left, which is told sooner than what covers what.
  if (equalsJson(held, rules) || uncoveredRules(held, rules).length === 0) return {};
  // Ours in their order, as in a new cluster, then all that holds more.
  const added = held.filter((rule) => uncoveredRules(rules, [rule]).length > 0);
  return { rules: [...rules, ...added] };
}

/** One that leads to another role gets ours back, which the API refuses to write into it: it is made anew. */
function bindingParts(expected: RoleBinding, stored: RoleBinding): object {
  const { roleRef, subjects = [] } = expected;
  const held = stored.subjects ?? [];
  const missing = subjects.filter((each) => !held.some((other) => isSame(each, other)));
  if (missing.length === 0) return { roleRef };
  const added = held.filter((each) => !subjects.some((other) => isSame(each, other)));
  return { roleRef, subjects: [...subjects, ...added] };
}

function isSame(one: Subject, other: Subject): boolean {
  return one.kind === other.kind && one.name === other.name && one.namespace === other.namespace;
}
