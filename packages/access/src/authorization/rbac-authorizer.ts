import type { UserInfo } from '@fairway/protocol';
import type { AuthorizationMode, GrantedRules } from './authorization-mode.ts';
import { type AccessAttributes, type Decision, joinErrors } from './authorizer.ts';
import { ruleAllows } from './policy-rule.ts';
import type { Grant, RbacIndex } from './rbac-index.ts';
import type { PolicyRule, Subject } from './rbac-policy.ts';

/** Decides by roles and bindings, and tells which rules somebody has. */
export interface RbacAuthorizer extends AuthorizationMode {
  /** Allows, or has no opinion: roles only grant, so it never denies. */
  readonly authorize: (attributes: AccessAttributes) => Decision;
}

/**
 * Makes an authorizer over a policy that may change between two requests; it is asked for anew for
 * each decision.
 *
 * Source: Kubernetes RBAC authorization.
 */
export function rbacAuthorizer(current: () => RbacIndex): RbacAuthorizer {
  return {
    authorize: (attributes) => decide(current(), attributes),
    rulesFor: (user, namespace) => collectRules(current(), user, namespace),
  };
}

function decide(index: RbacIndex, { user, target }: AccessAttributes): Decision {
  const errors: string[] = [];
  // Many bindings may lead to one role, which says no but once.
  const refused = new Set<readonly PolicyRule[]>();
  for (const grant of grantsFor(index, user, target.isResource ? target.namespace : '')) {
    const { rules } = grant;
    if (rules === undefined) errors.push(describeMissingRole(grant));
    else if (!refused.has(rules)) {
      if (rules.some((rule) => ruleAllows(rule, target))) {
        return { kind: 'allow', reason: `RBAC: allowed by ${describeGrant(grant)}` };
      }
      refused.add(rules);
    }
  }
  return { kind: 'noOpinion', reason: errors.length === 0 ? '' : `RBAC: ${joinErrors(errors)}` };
}

function collectRules(index: RbacIndex, user: UserInfo, namespace: string): GrantedRules {
  const rules: PolicyRule[] = [];
  const errors: string[] = [];
  for (const grant of grantsFor(index, user, namespace)) {
    if (grant.rules === undefined) errors.push(describeMissingRole(grant));
    else rules.push(...grant.rules);
  }
  return { rules, errors: [...new Set(errors)] };
}

function* grantsFor(index: RbacIndex, user: UserInfo, namespace: string): Generator<Grant> {
  yield* index.clusterGrants(user);
  if (namespace !== '') yield* index.namespaceGrants(user, namespace);
}

function describeMissingRole({ binding: { roleRef } }: Grant): string {
  const kind = `${roleRef.kind.toLowerCase()}.rbac.authorization.k8s.io`;
  return `${kind} ${JSON.stringify(roleRef.name)} not found`;
}

function describeGrant({ binding, subject }: Grant): string {
  const { name = '', namespace } = binding.metadata;
  const which =
    namespace === undefined || namespace === ''
      ? `ClusterRoleBinding ${JSON.stringify(name)}`
      : `RoleBinding ${JSON.stringify(`${name}/${namespace}`)}`;
  const role = `${binding.roleRef.kind} ${JSON.stringify(binding.roleRef.name)}`;
  return `${which} of ${role} to ${describeSubject(subject)}`;
}

function describeSubject({ kind, name, namespace }: Subject): string {
  const text = kind === 'ServiceAccount' ? `${name}/${namespace ?? ''}` : name;
  return `${kind} ${JSON.stringify(text)}`;
}
