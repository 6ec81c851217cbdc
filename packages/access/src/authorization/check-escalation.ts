import { type UserInfo, forbidden, notFound } from '@fairway/protocol';
import { type Authorizer, joinErrors } from './authorizer.ts';
import { countParts, describeRules, quoteList, uncoveredRules } from './covers-rules.ts';
import type { RbacAuthorizer } from './rbac-authorizer.ts';
import type { PolicyRule, RoleRef } from './rbac-policy.ts';
import { mastersGroup } from '../well-known-names.ts';

const group = 'rbac.authorization.k8s.io';

/** More than any role that people write; each is compared with every rule that the writer has. */
const partsMax = 10_000;

export interface RoleWrite {
  readonly user: UserInfo;
  readonly plural: 'roles' | 'clusterroles' | 'rolebindings' | 'clusterrolebindings';
  /** Empty at the cluster scope. */
  readonly namespace: string;
  readonly name: string;
}

export interface EscalationGuard {
  readonly rbac: RbacAuthorizer;
  /** The authorizer of the whole server, which may grant `escalate` and `bind`. */
  readonly authorizer: Authorizer;
}

/**
 * Refuses to write a role that holds more than its writer has, so that users cannot give themselves
 * more rights.
 *
 * Errors: `ApiError` Forbidden that lists what is missing. Members of `system:masters`, and users
 * with the verb `escalate` on the role, may write anything. Source: Kubernetes RBAC, privilege
 * escalation prevention.
 */
export async function checkRoleWrite(
  { rbac, authorizer }: EscalationGuard,
  write: RoleWrite,
  rules: readonly PolicyRule[],
): Promise<void> {
  if (write.user.groups.includes(mastersGroup)) return;
  if (await isAllowed(authorizer, 'escalate', write)) return;
  refuseUncovered(rbac, write, rules);
}

/**
 * Refuses to bind a role that holds more than the writer of the binding has.
 *
 * Shape: `rules` are those of the role that `roleRef` names; undefined when it does not exist, which
 * only who has the verb `bind` on it may refer to.
 * Errors: `ApiError` Forbidden that lists what is missing; NotFound when the role does not exist.
 */
export async function checkBindingWrite(
  { rbac, authorizer }: EscalationGuard,
  write: RoleWrite,
  role: { readonly roleRef: RoleRef; readonly rules: readonly PolicyRule[] | undefined },
): Promise<void> {
  if (write.user.groups.includes(mastersGroup)) return;
  const { kind, name } = role.roleRef;
  const plural = kind === 'ClusterRole' ? 'clusterroles' : 'roles';
  if (await isAllowed(authorizer, 'bind', { ...write, plural, name })) return;
  // As if it were the binding that is missing, like a kube-apiserver.
  if (role.rules === undefined) throw notFound({ group, plural: write.plural, name });
  refuseUncovered(rbac, write, role.rules);
}

async function isAllowed(
  authorizer: Authorizer,
  verb: string,
  { user, plural, namespace, name }: RoleWrite,
): Promise<boolean> {
  const role = { isResource: true, verb, group, version: 'v1', plural, namespace, name } as const;
  const decision = await authorizer({ user, target: { ...role, subresource: '', rest: '' } });
  return decision.kind === 'allow';
}

function refuseUncovered(
  rbac: RbacAuthorizer,
  write: RoleWrite,
  rules: readonly PolicyRule[],
): void {
  if (countParts(rules) > partsMax) {
    const why = `its rules name more than ${partsMax} combinations of verb and resource; split it`;
    throw forbidden({ group, ...write }, why);
  }
  const held = rbac.rulesFor(write.user, write.namespace);
  const uncovered = uncoveredRules(held.rules, rules);
  if (uncovered.length === 0) return;
  const { username, groups } = write.user;
  const who = `user ${JSON.stringify(username)} (groups=${quoteList(groups)})`;
  const what = `${who} is attempting to grant RBAC permissions not currently held`;
  const errors = held.errors.length === 0 ? '' : `; resolution errors: ${joinErrors(held.errors)}`;
  throw forbidden({ group, ...write }, `${what}:\n${describeRules(uncovered)}${errors}`);
}
