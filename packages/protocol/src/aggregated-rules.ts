import {
  type LabelSelectorObject,
  matchesLabelSelector,
  parseLabelSelectorObject,
} from './label-selector.ts';
import type { ObjectMeta } from './object-meta.ts';

/** What may be done to what. Source: rbac.authorization.k8s.io/v1 PolicyRule. */
export interface RoleRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

/** As much of a ClusterRole as aggregation looks at. */
export interface AggregatableRole<Rule extends RoleRule> {
  readonly metadata?: ObjectMeta;
  readonly rules?: readonly Rule[] | null;
  readonly aggregationRule?: { readonly clusterRoleSelectors?: readonly LabelSelectorObject[] };
}

/**
 * The rules that a ClusterRole with an `aggregationRule` should have: those of every ClusterRole
 * that one of its selectors matches, in order of selector and name, each rule once.
 *
 * Shape: undefined when the role does not aggregate.
 * Errors: BadRequest `ApiError` for a selector that is none.
 */
export function aggregatedRules<Rule extends RoleRule>(
  role: AggregatableRole<Rule>,
  clusterRoles: readonly AggregatableRole<Rule>[],
): readonly Rule[] | undefined {
  if (role.aggregationRule === undefined) return undefined;
  const name = role.metadata?.name ?? '';
  const others = clusterRoles
    .filter((each) => each.metadata?.name !== name)
    .sort((a, b) => compareText(a.metadata?.name ?? '', b.metadata?.name ?? ''));
  const rules = new Map<string, Rule>();
  for (const each of role.aggregationRule.clusterRoleSelectors ?? []) {
    const selector = parseLabelSelectorObject(each);
    for (const other of others) {
      if (!matchesLabelSelector(selector, other.metadata?.labels)) continue;
      for (const rule of other.rules ?? []) {
        const key = keyOf(rule);
        if (!rules.has(key)) rules.set(key, rule);
      }
    }
  }
  return [...rules.values()];
}

function keyOf(rule: RoleRule): string {
  const { verbs, apiGroups, resources, resourceNames, nonResourceURLs } = rule;
  return JSON.stringify([verbs, apiGroups, resources, resourceNames, nonResourceURLs]);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
