import {
  matchesLabelSelector,
  parseLabelSelectorObject,
  type RequestTarget,
} from '@fairway/protocol';
import { ruleAllows } from './policy-rule.ts';
import { type Grant, indexPolicy } from './rbac-index.ts';
import type { ClusterRole, RbacPolicy, RoleBinding, RoleRef, Subject } from './rbac-policy.ts';

/** Somebody who may do something, and how it comes. */
export interface Holder {
  readonly subject: Subject;
  readonly binding: RoleBinding;
  /** Of a ClusterRole that collects the rules of others: those whose rules say so. */
  readonly aggregatedFrom: readonly string[];
}

export interface Holders {
  readonly holders: readonly Holder[];
  /** Bindings whose role is not in the policy: what they grant is not known. */
  readonly unresolved: readonly RoleBinding[];
}

/**
 * Who may do what `target` says, by the roles and bindings of a policy. Bindings of the cluster come
 * first, then those of each of `namespaces`.
 */
export function whoCan(
  policy: RbacPolicy,
  target: RequestTarget,
  namespaces: readonly string[],
): Holders {
  const index = indexPolicy(policy);
  const holders: Holder[] = [];
  const unresolved = new Set<RoleBinding>();
  for (const namespace of ['', ...namespaces]) {
    // A RoleBinding grants nothing beyond its namespace, and no paths.
    if (namespace !== '' && !target.isResource) continue;
    for (const grant of index.grantsIn(namespace)) {
      if (grant.rules === undefined) unresolved.add(grant.binding);
      else if (grant.rules.some((rule) => ruleAllows(rule, target))) {
        holders.push(holderOf(grant, policy.clusterRoles, target));
      }
    }
  }
  return { holders, unresolved: [...unresolved] };
}

function holderOf(
  { subject, binding }: Grant,
  clusterRoles: readonly ClusterRole[],
  target: RequestTarget,
): Holder {
  return { subject, binding, aggregatedFrom: sourcesOf(binding.roleRef, clusterRoles, target) };
}

function sourcesOf(
  { kind, name }: RoleRef,
  clusterRoles: readonly ClusterRole[],
  target: RequestTarget,
): readonly string[] {
  if (kind !== 'ClusterRole') return [];
  const role = clusterRoles.find(({ metadata }) => metadata.name === name);
  const selectors = (role?.aggregationRule?.clusterRoleSelectors ?? []).map(
    parseLabelSelectorObject,
  );
  return clusterRoles
    .filter(
      ({ metadata, rules }) =>
        metadata.name !== name &&
        selectors.some((selector) => matchesLabelSelector(selector, metadata.labels)) &&
        rules?.some((rule) => ruleAllows(rule, target)) === true,
    )
    .map(({ metadata }) => metadata.name ?? '');
}
