import { matchesLabelSelector, parseLabelSelectorObject } from '@fairway/protocol';
import type { ClusterRole, PolicyRule } from './rbac-policy.ts';

/**
 * The rules that a ClusterRole with an `aggregationRule` should have: those of every ClusterRole
 * that one of its selectors matches, in order of selector and name, each rule once.
 *
 * Shape: undefined when the role does not aggregate.
 * Errors: BadRequest `ApiError` for a selector that is none.
 */
export function aggregatedRules(
  role: ClusterRole,
  clusterRoles: readonly ClusterRole[],
): readonly PolicyRule[] | undefined {
  if (role.aggregationRule === undefined) return undefined;
  const name = role.metadata.name ?? '';
  const others = clusterRoles
    .filter((each) => each.metadata.name !== name)
    .sort((a, b) => compareText(a.metadata.name ?? '', b.metadata.name ?? ''));
  const rules = new Map<string, PolicyRule>();
  for (const each of role.aggregationRule.clusterRoleSelectors ?? []) {
    const selector = parseLabelSelectorObject(each);
    for (const other of others) {
      if (!matchesLabelSelector(selector, other.metadata.labels)) continue;
      for (const rule of other.rules ?? []) {
        const key = keyOf(rule);
        if (!rules.has(key)) rules.set(key, rule);
      }
    }
  }
  return [...rules.values()];
}

function keyOf(rule: PolicyRule): string {
  const { verbs, apiGroups, resources, resourceNames, nonResourceURLs } = rule;
  return JSON.stringify([verbs, apiGroups, resources, resourceNames, nonResourceURLs]);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
